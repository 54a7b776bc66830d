"""Who read is written by the database, history names its records, and both logs are sealed into one chain.

The functions ask ``access_held``, ``access_shut`` and ``access_around``, so that ends of grants, bars and restrictions hold here.
"""

from django.db import migrations

STAMP = r"""
-- Whatever the application sends: who, in which seat, when and in which transaction comes from the verified seat.
create or replace function audit_stamp_read() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null then
    raise insufficient_privilege using message = 'nothing is put on record without a seat';
  end if;
  new.at := clock_timestamp();
  new.membership_id := seat.id;
  new.principal := seat.principal;
  new.partnership_id := seat.partnership_id;
  new.agency_id := seat.agency_id;
  new.xid := pg_current_xact_id()::text::bigint;
  new.refused := new.kind = 'refusal';
  if new.record_id is not null or cardinality(new.records) > 0 then
    select array_agg(distinct shown) into new.records from unnest(new.records || new.record_id) shown
     where shown is not null;
    select array_agg(distinct p) into new.partnerships
      from (select r.partnership_id from public.access_record r where r.id = any (new.records)
            union all select seat.partnership_id) s (p);
  else
    new.records := '{}';
    new.partnerships := array[seat.partnership_id];
  end if;
  new.beyond := cardinality(new.partnerships) > 1;
  return new;
end $$;
revoke all on function audit_stamp_read() from public;
create trigger audit_readentry_stamp before insert on audit_readentry
  for each row execute function audit_stamp_read();

-- Only what an answer says of itself can be sent at all.
revoke insert, update on audit_readentry from mace_app;
grant insert (kind, action, record_id, reference, records, rows, refused) on audit_readentry to mace_app;

update audit_readentry e set partnership_id = m.partnership_id, agency_id = m.agency_id,
       partnerships = array[m.partnership_id], records = array_remove(array[e.record_id], null),
       kind = case when e.refused then 'refusal' else e.kind end
  from accounts_membership m where m.id = e.membership_id;

create or replace function audit_no_rewriting() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  raise insufficient_privilege using message = 'what is on record is not changed or removed';
end $$;
revoke all on function audit_no_rewriting() from public;
create trigger audit_readentry_fixed before update or delete on audit_readentry
  for each row execute function audit_no_rewriting();
create trigger audit_change_fixed before update or delete on audit_change
  for each row execute function audit_no_rewriting();
create trigger audit_seal_fixed before update or delete on audit_seal
  for each row execute function audit_no_rewriting();
create trigger audit_signature_fixed before update or delete on audit_signature
  for each row execute function audit_no_rewriting();
"""
STAMP_BACK = r"""
drop trigger audit_readentry_stamp on audit_readentry;
drop trigger audit_readentry_fixed on audit_readentry;
drop trigger audit_change_fixed on audit_change;
drop trigger audit_seal_fixed on audit_seal;
drop trigger audit_signature_fixed on audit_signature;
drop function audit_stamp_read();
drop function audit_no_rewriting();
grant insert, update on audit_readentry to mace_app;
"""

TRACK = r"""
create or replace function audit_track_change() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  old_row jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) end;
  new_row jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) end;
  row_now jsonb := coalesce(new_row, old_row);
  hangs_on bigint[];
  seat bigint := mace_seat();
begin
  -- Seats that read for an audit, a study or a review change nothing, whatever the program around them says.
  if tg_table_name ~ '^(referrals|panels|volt|casework|dashboards)_' and exists (
       select 1 from accounts_membership m where m.id = seat
          and m.role in ('auditor', 'analyst', 'analyst_identifiable', 'ig', 'admin')) then
    raise insufficient_privilege using message = 'this seat reads only';
  end if;
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, new_row -> o.key), '{}')
      into old_row, new_row
      from jsonb_each(old_row) o where o.value is distinct from new_row -> o.key;
    if new_row = '{}' then return null; end if;
  end if;
  select coalesce(array_agg(distinct v::bigint), '{}') into hangs_on
    from unnest(array[row_now ->> 'record_id', row_now ->> 'content_object_id', row_now ->> 'subject_id',
                      row_now ->> 'a_id', row_now ->> 'b_id',
                      case when tg_table_name = 'access_record' then row_now ->> 'id' end]) v
   where v ~ '^[0-9]{1,18}$';
  insert into audit_change (at, membership_id, database_role, table_name, row_key, operation, before, after, reason, records)
  values (clock_timestamp(), seat, session_user, tg_table_name,
          coalesce(row_now ->> 'id', row_now ->> 'record_id', ''), lower(tg_op), old_row, new_row,
          coalesce(left(current_setting('mace.reason', true), 200), ''), hangs_on);
  return null;
end $$;
"""

READING = r"""
-- By which reference a record goes: the history of making it knows, without this app knowing the others.
create index change_by_reference on audit_change ((after ->> 'reference'))
  where operation = 'insert' and after ? 'reference';

-- The record that goes by a reference, if the seat may read its log: the officer of its partnership; a coordinator,
-- chair or agency lead who holds it in full.
create or replace function audit_record_of(wanted text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare found bigint;
begin
  select c.row_key::bigint into found from public.audit_change c
   where c.operation = 'insert' and c.after ? 'reference' and c.after ->> 'reference' = wanted
     and c.row_key = c.after ->> 'record_id' and not c.after ? 'id'
   order by c.id desc limit 1;
  return case when found = any (audit_readable(array[found])) then found end;
end $$;

-- Which of these records' logs the seat may read.
create or replace function audit_readable(recs bigint[]) returns bigint[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; found bigint[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role = 'ig' then
    select array_agg(r.id) into found from public.access_record r
     where r.id = any (recs) and r.partnership_id = seat.partnership_id and not r.id = any (mace_barred());
  elsif seat.role in ('coordinator', 'chair', 'agency_lead') then
    select array_agg(r) into found from unnest(recs) r where access_held(r) = 3;
  end if;
  return coalesce(found, '{}');
end $$;

-- Entries about a record and all around it (its child, what speaks of that child, what lies within), newest first.
create or replace function audit_reads_about(
  rec bigint, since timestamptz, until timestamptz, after_at timestamptz, after_id bigint, most int) returns setof bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; around bigint[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if not rec = any (audit_readable(array[rec])) then return; end if;
  around := audit_readable(access_around(array[rec]));
  return query
    with hit as materialized (
      select e.id, e.at from public.audit_readentry e where e.records && around
         and (seat.role <> 'agency_lead' or (e.agency_id = seat.agency_id and e.partnership_id = seat.partnership_id)))
    select h.id from hit h
     where (since is null or h.at >= since) and (until is null or h.at < until)
       and (after_id is null or (h.at, h.id) < (after_at, after_id))
     order by h.at desc, h.id desc limit most;
end $$;

-- How often and by how many seats a record and all around it was looked at.
create or replace function audit_count_about(rec bigint, since timestamptz, until timestamptz)
returns table (entries bigint, seats bigint)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; around bigint[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if not rec = any (audit_readable(array[rec])) then return query select 0::bigint, 0::bigint; return; end if;
  around := audit_readable(access_around(array[rec]));
  return query select count(*), count(distinct e.membership_id) from public.audit_readentry e
   where e.records && around and (since is null or e.at >= since) and (until is null or e.at < until)
     and (seat.role <> 'agency_lead' or (e.agency_id = seat.agency_id and e.partnership_id = seat.partnership_id));
end $$;

-- The references of what entries showed, as far as the seat may read those records' logs; an agency lead reads what its
-- own agency's seats were shown.
create or replace function audit_shown(entries bigint[]) returns table (entry_id bigint, reference text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; wanted bigint[]; told bigint[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select array_agg(distinct r) into wanted from public.audit_readentry e, unnest(e.records) r where e.id = any (entries);
  if seat.role = 'agency_lead' then
    select array_agg(distinct r) into told from public.audit_readentry e, unnest(e.records) r
     where e.id = any (entries) and e.agency_id = seat.agency_id and e.partnership_id = seat.partnership_id
       and not access_shut(r);
  else
    told := audit_readable(wanted);
  end if;
  return query
    with known as (
      select distinct on (c.row_key) c.row_key::bigint as rec, c.after ->> 'reference' as ref from public.audit_change c
       where c.records && told and c.operation = 'insert' and c.after ? 'reference' and not c.after ? 'id'
         and c.row_key = c.after ->> 'record_id' and c.row_key = any (told::text[])
       order by c.row_key, c.id desc)
    select e.id, k.ref from public.audit_readentry e join known k on k.rec = any (e.records)
     where e.id = any (entries) order by e.id, k.ref;
end $$;

-- What was changed on a record and around it: when, by whom, in which table, which fields; never a value. For those who
-- hold the record in full and the officer of its partnership. Who may see it, and who is barred, is for those who decide it.
create or replace function audit_history(rec bigint, after_id bigint, most int)
returns table (id bigint, at timestamptz, membership_id bigint, table_name text, operation text, fields text[], reason text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; around bigint[];
begin
  select * into seat from public.accounts_membership where accounts_membership.id = mace_seat();
  if seat.role = 'ig' then
    around := audit_readable(array[rec]);
    if not rec = any (around) then return; end if;
    around := audit_readable(access_around(array[rec]));
  else
    if access_held(rec) < 3 then return; end if;
    select array_agg(r) into around from unnest(access_around(array[rec])) r where access_held(r) = 3;
  end if;
  return query
    with hit as materialized (
      select c.id from public.audit_change c where c.records && around
         and (seat.role in ('ig', 'coordinator', 'chair') or c.table_name !~ '^access_'))
    select c.id, c.at, c.membership_id, c.table_name::text, c.operation::text,
           case when c.operation = 'update' then array(select k from jsonb_object_keys(c.after) k order by 1) else '{}' end,
           c.reason::text
      from public.audit_change c join hit h on h.id = c.id
     where after_id is null or c.id < after_id order by c.id desc limit most;
end $$;

revoke all on function audit_record_of(text), audit_readable(bigint[]), audit_shown(bigint[]),
  audit_reads_about(bigint, timestamptz, timestamptz, timestamptz, bigint, int),
  audit_count_about(bigint, timestamptz, timestamptz), audit_history(bigint, bigint, int) from public;
grant execute on function audit_record_of(text), audit_readable(bigint[]), audit_shown(bigint[]),
  audit_reads_about(bigint, timestamptz, timestamptz, timestamptz, bigint, int),
  audit_count_about(bigint, timestamptz, timestamptz), audit_history(bigint, bigint, int) to mace_app;
"""
READING_BACK = r"""
drop function audit_record_of(text), audit_shown(bigint[]),
  audit_reads_about(bigint, timestamptz, timestamptz, timestamptz, bigint, int),
  audit_count_about(bigint, timestamptz, timestamptz), audit_history(bigint, bigint, int);
drop function audit_readable(bigint[]);
drop index change_by_reference
"""

SEALING = r"""
-- One batch of one log onto the chain, at most that many rows (but never part of a transaction); answers how many.
-- ``bound`` is a transaction that every running one is younger than or equal to: no row below it can still appear.
create or replace function audit_seal_batch(which text, bound bigint, most int) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  latest public.audit_seal;
  before_it public.audit_seal;
  made public.audit_seal;
  counter bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  source text := case which when 'reads' then 'public.audit_readentry' else 'public.audit_change' end;
  canonical text := case which
    when 'reads' then 'jsonb_build_array(t.id, extract(epoch from t.at), t.membership_id, t.principal, t.partnership_id,
      t.agency_id, t.partnerships, t.kind, t.action, t.record_id, t.reference, t.records, t.rows, t.refused, t.xid)::text'
    else 'jsonb_build_array(t.id, extract(epoch from t.at), t.membership_id, t.database_role, t.table_name, t.row_key,
      t.operation, t.before, t.after, t.reason, t.records, t.xid)::text' end;
  first bigint;
  cut bigint;
  found bigint;
begin
  select * into latest from public.audit_seal order by number desc limit 1;
  select * into before_it from public.audit_seal where log = which order by number desc limit 1;
  made.xid_from := coalesce(before_it.xid_to, 0);
  made.after_id := coalesce(before_it.after_id, 0);
  made.xid_to := bound;
  if before_it.xid_to > counter then
    -- Restored into a cluster whose counter is behind: first what the old one left unsealed, then a new beginning.
    execute format('select max(xid) + 1 from %s where xid >= $1 and id > $2', source)
      into made.xid_to using made.xid_from, made.after_id;
    if made.xid_to is null then
      select max(s.last_id) into made.after_id from public.audit_seal s where s.log = which;
      made.xid_from := 0;
      made.xid_to := bound;
    end if;
  else
    execute format($sql$
      select min(xid), max(xid), count(*) from (
        select xid from %s where xid >= $1 and xid < $2 and id > $3 order by xid, id limit $4) s $sql$, source)
      into first, cut, found using made.xid_from, made.xid_to, made.after_id, most + 1;
    if found > most then made.xid_to := greatest(cut, first + 1); end if;
  end if;
  execute format($sql$
    select count(*), min(t.id), max(t.id),
           sha256(coalesce(string_agg(sha256(convert_to(%s, 'UTF8')), ''::bytea order by t.xid, t.id), ''))
      from %s t where t.xid >= $1 and t.xid < $2 and t.id > $3 $sql$, canonical, source)
    into made.rows, made.first_id, made.last_id, made.digest using made.xid_from, made.xid_to, made.after_id;
  if made.rows = 0 then return 0; end if;
  made.number := coalesce(latest.number, 0) + 1;
  made.log := which;
  made.previous := coalesce(latest.head, sha256('MACE audit chain'));
  made.sealed_at := clock_timestamp();
  made.head := sha256(made.previous || convert_to(jsonb_build_array(
    made.number, made.log, made.first_id, made.last_id, made.rows, made.xid_from, made.xid_to, made.after_id,
    encode(made.digest, 'hex'), extract(epoch from made.sealed_at))::text, 'UTF8'));
  insert into public.audit_seal (number, log, first_id, last_id, rows, xid_from, xid_to, after_id, digest, previous, head, sealed_at)
  values (made.number, made.log, made.first_id, made.last_id, made.rows, made.xid_from, made.xid_to, made.after_id,
          made.digest, made.previous, made.head, made.sealed_at);
  return made.rows;
end $$;

-- Seal all that no running transaction can add to; answers how many rows. One sealer at a time.
create or replace function audit_seal(most int default 100000) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare bound bigint; which text; sealed bigint; total bigint := 0;
begin
  perform pg_advisory_xact_lock(hashtext('audit_seal'));
  bound := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
  foreach which in array array['reads', 'changes'] loop
    loop
      sealed := audit_seal_batch(which, bound, greatest(most, 1));
      exit when sealed = 0;
      total := total + sealed;
    end loop;
  end loop;
  -- what inserts left to be filed is filed here, so that no page waits for it
  perform gin_clean_pending_list('public.read_of_records'), gin_clean_pending_list('public.change_of_records');
  return total;
end $$;

create or replace function audit_unsigned() returns table (number bigint, head bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select s.number, s.head from public.audit_seal s
   where not exists (select 1 from public.audit_signature g where g.seal_id = s.number) order by s.number $$;

create or replace function audit_sign(sealed bigint, signature bytea, public_key bytea) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.audit_signature (seal_id, signature, public_key, signed_at)
  values (sealed, signature, public_key, clock_timestamp()) on conflict do nothing $$;

create or replace function audit_heads(since bigint)
returns table (number bigint, log text, rows bigint, sealed_at timestamptz, previous bytea, head bytea, signature bytea,
               public_key bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select s.number, s.log, s.rows, s.sealed_at, s.previous, s.head, g.signature, g.public_key
    from public.audit_seal s join public.audit_signature g on g.seal_id = s.number
   where s.number >= since order by s.number $$;

revoke all on function audit_seal_batch(text, bigint, int), audit_seal(int), audit_unsigned(), audit_heads(bigint),
  audit_sign(bigint, bytea, bytea) from public;
grant execute on function audit_seal(int), audit_unsigned(), audit_heads(bigint), audit_sign(bigint, bytea, bytea)
  to mace_worker;
"""
SEALING_BACK = r"""
drop function audit_seal(int), audit_seal_batch(text, bigint, int), audit_unsigned(), audit_heads(bigint),
  audit_sign(bigint, bytea, bytea)
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_read_records_and_seals")]
    operations = [
        migrations.RunSQL(STAMP, STAMP_BACK),
        migrations.RunSQL(TRACK, migrations.RunSQL.noop),
        migrations.RunSQL(READING, READING_BACK),
        migrations.RunSQL(SEALING, SEALING_BACK),
    ]
