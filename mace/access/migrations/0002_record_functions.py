"""The only ways to make a record or change a grant. Each checks the verified seat itself, so injected SQL gains nothing.

Row-level security also guards the tables of other packages; which of them are open, and why, stands below.
"""

from django.db import migrations

FORWARD = r"""
create or replace function access_open_record(
  new_kind text, opened_at timestamptz, about_child bigint default null, container bigint default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; mine int[] := mace_principals(); made bigint;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null or seat.role in ('board', 'analyst', 'ig', 'admin') then
    raise insufficient_privilege using message = 'this seat may not open a record';
  end if;
  if container is not null and not exists (
    select 1 from public.access_grant g where g.record_id = container and g.principal = any (mine)) then
    raise insufficient_privilege using message = 'no such container';
  end if;
  if about_child is not null and not exists (
    select 1 from public.access_record r where r.id = about_child and r.kind = 'child'
       and r.partnership_id = seat.partnership_id) then
    raise insufficient_privilege using message = 'no such child';
  end if;
  insert into public.access_record (kind, partnership_id, about_id, within_id, restricted, sort_at)
  values (new_kind, seat.partnership_id, about_child, container, false, opened_at) returning id into made;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
  values (made, seat.principal, new_kind, 3, opened_at);
  return made;
end $$;

create or replace function access_set_about(rec bigint, child bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership; was bigint;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if not exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = any (mine) and g.scope = 3)
     or not exists (select 1 from public.access_record r where r.id = child and r.kind = 'child'
                       and r.partnership_id = seat.partnership_id) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  select about_id into was from public.access_record where id = rec for update;
  update public.access_record set about_id = child where id = rec;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
    select child, g.principal, 'child', g.scope, c.sort_at from public.access_grant g, public.access_record c
     where g.record_id = rec and c.id = child
  on conflict (record_id, principal) do update set scope = greatest(public.access_grant.scope, excluded.scope);
  if was is not null and was <> child then
    perform access_settle_child(was, g.principal) from public.access_grant g where g.record_id = rec;
  end if;
end $$;

create or replace function access_settle_child(child bigint, prin int) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare best smallint; at timestamptz;
begin
  select max(g.scope) into best from public.access_record r join public.access_grant g on g.record_id = r.id
   where r.about_id = child and g.principal = prin;
  if best is null then
    delete from public.access_grant where record_id = child and principal = prin;
  else
    select sort_at into at from public.access_record where id = child;
    insert into public.access_grant (record_id, principal, kind, scope, sort_at)
    values (child, prin, 'child', best, at)
    on conflict (record_id, principal) do update set scope = excluded.scope
      where public.access_grant.scope <> excluded.scope;
  end if;
end $$;

create or replace function access_grant_follows() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare child bigint;
begin
  select about_id into child from public.access_record where id = coalesce(new.record_id, old.record_id);
  if child is not null then perform access_settle_child(child, coalesce(new.principal, old.principal)); end if;
  return null;
end $$;
create trigger access_grant_follows after insert or update or delete on access_grant
  for each row execute function access_grant_follows();

create or replace function access_share(rec bigint, prin int, new_scope smallint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership; held smallint; r public.access_record;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select max(g.scope) into held from public.access_grant g where g.record_id = rec and g.principal = any (mine);
  select * into r from public.access_record where id = rec;
  if held is null or held < new_scope or new_scope not in (1, 2, 3) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  if seat.role not in ('coordinator', 'chair', 'system') and not (
       prin = any (mine)
       or (seat.role in ('practitioner', 'manager', 'agency_lead', 'agency_member')
           and prin = (select p.principal from public.agencies_partnership p where p.id = r.partnership_id))
       or (seat.role in ('practitioner', 'manager', 'agency_lead') and (
           exists (select 1 from public.accounts_membership m where m.principal = prin and m.agency_id = seat.agency_id
                      and m.partnership_id = seat.partnership_id)
           or exists (select 1 from public.agencies_team t where t.principal = prin and t.agency_id = seat.agency_id)))
       or (r.kind in ('referral', 'case', 'child') and seat.role in ('agency_lead', 'agency_member') and held = 3
           and exists (select 1 from public.agencies_team t where t.principal = prin and t.agency_id = seat.agency_id))
     ) then
    raise insufficient_privilege using message = 'this seat may not share the record so';
  end if;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
  values (rec, prin, r.kind, new_scope, r.sort_at)
  on conflict (record_id, principal) do update set scope = excluded.scope
    where public.access_grant.scope <> excluded.scope;
end $$;

create or replace function access_unshare(rec bigint, prin int) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if not exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = any (mine))
     or (seat.role not in ('coordinator', 'chair', 'system')
         and not exists (select 1 from public.accounts_membership m where m.principal = prin
                            and m.agency_id = seat.agency_id and seat.role = 'agency_lead')) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  delete from public.access_grant where record_id = rec and principal = prin;
end $$;

create or replace function access_withdraw_agency(rec bigint, agency bigint) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership; gone int;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role not in ('coordinator', 'chair', 'system')
     or not exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = any (mine) and g.scope = 3)
  then raise insufficient_privilege using message = 'no such record'; end if;
  delete from public.access_grant g using public.access_record r
   where g.record_id = r.id and (r.id = rec or r.within_id = rec)
     and (g.principal = (select a.principal from public.agencies_agency a where a.id = agency)
          or g.principal in (select m.principal from public.accounts_membership m where m.agency_id = agency
                                and m.role in ('agency_lead', 'agency_member')));
  get diagnostics gone = row_count;
  return gone;
end $$;

create or replace function access_grants_on(rec bigint) returns table (principal int, scope smallint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select g.principal, g.scope from public.access_grant g where g.record_id = rec
     and exists (select 1 from public.access_grant o where o.record_id = rec and o.scope = 3
                    and o.principal = any (mace_principals())) $$;

revoke all on function access_open_record(text, timestamptz, bigint, bigint), access_set_about(bigint, bigint),
  access_settle_child(bigint, int), access_grant_follows(), access_share(bigint, int, smallint),
  access_unshare(bigint, int), access_withdraw_agency(bigint, bigint), access_grants_on(bigint) from public;
grant execute on function access_open_record(text, timestamptz, bigint, bigint), access_set_about(bigint, bigint),
  access_share(bigint, int, smallint), access_unshare(bigint, int), access_withdraw_agency(bigint, bigint),
  access_grants_on(bigint) to mace_app;
"""

BACK = r"""
drop trigger access_grant_follows on access_grant;
drop function access_open_record(text, timestamptz, bigint, bigint), access_set_about(bigint, bigint),
  access_settle_child(bigint, int), access_grant_follows(), access_share(bigint, int, smallint),
  access_unshare(bigint, int), access_withdraw_agency(bigint, bigint), access_grants_on(bigint)
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("accounts", "0002_seat_functions")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
