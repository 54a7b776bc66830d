"""The functions that change who may see what, now with ends, bars, restrictions and emergency access.

Each checks the verified seat itself, so injected SQL gains nothing. ``access_held`` is the one place that says at which
scope the acting seat holds a record; the functions below lean on it as the policies lean on the grants' own policy.
"""

from django.db import migrations

READING = r"""
create or replace function access_held(rec bigint) returns smallint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(max(g.scope), 0)::smallint from public.access_grant g
   where g.record_id = rec and g.principal = any (mace_principals()) and (g.until is null or g.until > now())
     and not (rec = any (mace_barred())) $$;

-- The records that stand and fall together: what is asked for, the case it lies within, its child, all that speaks of
-- that child, and what lies within any of these.
create or replace function access_around(recs bigint[]) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive asked as (select r.* from public.access_record r where r.id = any (recs)),
  root as (select a.* from asked a union
           select u.* from asked a join public.access_record u on u.id = a.within_id and u.kind in ('child', 'referral', 'case')),
  child as (select distinct coalesce(r.about_id, case when r.kind = 'child' then r.id end) as id from root r),
  near as (select r.id from root r union select c.id from child c where c.id is not null
           union select r.id from child c join public.access_record r on r.about_id = c.id)
  select coalesce(array_agg(s.id), '{}') from (
    select n.id from near n union select r.id from near n join public.access_record r on r.within_id = n.id) s $$;

create or replace function access_shut(rec bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if rec = any (mace_barred()) then return true; end if;
  return exists (select 1 from public.access_record r where r.id = rec and r.restricted) and access_held(rec) = 0;
end $$;

create or replace function access_may_be_told(seat bigint, rec bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare m public.accounts_membership; barred bigint[];
begin
  if mace_role() is distinct from 'system' then return false; end if;
  select * into m from public.accounts_membership where id = seat;
  select array_agg(b.record_id) into barred from public.access_bar b where b.user_id = m.user_id and b.lifted_at is null;
  if barred is not null and rec = any (access_around(barred)) then return false; end if;
  return not exists (select 1 from public.access_record r where r.id = rec and r.restricted)
      or exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = m.principal);
end $$;

create or replace function access_grants_on(rec bigint) returns table (principal int, scope smallint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select g.principal, g.scope from public.access_grant g
   where g.record_id = rec and (g.until is null or g.until > now()) and access_held(rec) = 3 $$;
"""

WRITING = r"""
drop function access_share(bigint, int, smallint);

create or replace function access_settle_child(child bigint, prin int) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare best smallint; lasts timestamptz; at timestamptz;
begin
  select max(g.scope) into best from public.access_record r join public.access_grant g on g.record_id = r.id
   where r.about_id = child and g.principal = prin and (g.until is null or g.until > now());
  if best is null then
    delete from public.access_grant where record_id = child and principal = prin;
  else
    select case when bool_or(g.until is null) then null else max(g.until) end into lasts
      from public.access_record r join public.access_grant g on g.record_id = r.id
     where r.about_id = child and g.principal = prin and g.scope = best;
    select sort_at into at from public.access_record where id = child;
    insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
    values (child, prin, 'child', best, at, lasts)
    on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until
      where (public.access_grant.scope, public.access_grant.until) is distinct from (excluded.scope, excluded.until);
  end if;
end $$;

-- When something restricted stands around a record, the record is restricted too: whoever is not named loses it.
create or replace function access_follow_restriction(rec bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare root bigint;
begin
  select r.id into root from public.access_record r
   where r.id = any (access_around(array[rec])) and r.id <> rec and r.restricted and r.kind in ('child', 'referral', 'case')
   order by r.kind = 'child', r.id limit 1;
  if root is null then return false; end if;
  update public.access_record set restricted = true where id = rec;
  insert into public.access_setaside (record_id, principal, scope, until)
    select g.record_id, g.principal, g.scope, g.until from public.access_grant g where g.record_id = rec
       and g.principal not in (select k.principal from public.access_grant k where k.record_id = root)
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until;
  delete from public.access_grant g where g.record_id = rec
     and g.principal not in (select k.principal from public.access_grant k where k.record_id = root);
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
    select rec, k.principal, r.kind, k.scope, r.sort_at, k.until from public.access_grant k, public.access_record r
     where k.record_id = root and r.id = rec and r.kind <> 'address'
  on conflict (record_id, principal) do nothing;
  return true;
end $$;

create or replace function access_open_record(
  new_kind text, opened_at timestamptz, about_child bigint default null, container bigint default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; made bigint;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null or seat.role not in
     ('practitioner', 'manager', 'coordinator', 'chair', 'agency_lead', 'agency_member', 'system') then
    raise insufficient_privilege using message = 'this seat may not open a record';
  end if;
  if container is not null and access_held(container) = 0 then
    raise insufficient_privilege using message = 'no such container';
  end if;
  if about_child is not null and (access_shut(about_child) or not exists (
    select 1 from public.access_record r where r.id = about_child and r.kind = 'child'
       and r.partnership_id = seat.partnership_id)) then
    raise insufficient_privilege using message = 'no such child';
  end if;
  insert into public.access_record (kind, partnership_id, about_id, within_id, restricted, sort_at)
  values (new_kind, seat.partnership_id, about_child, container, false, opened_at) returning id into made;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
  values (made, seat.principal, new_kind, 3, opened_at);
  perform access_follow_restriction(made);
  return made;
end $$;

create or replace function access_set_about(rec bigint, child bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; was bigint;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if access_held(rec) < 3 or access_shut(child)
     or not exists (select 1 from public.access_record r where r.id = child and r.kind = 'child'
                       and r.partnership_id = seat.partnership_id) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  select about_id into was from public.access_record where id = rec for update;
  update public.access_record set about_id = child where id = rec;
  perform access_follow_restriction(rec);
  perform access_settle_child(child, g.principal) from public.access_grant g where g.record_id = rec;
  if was is not null and was <> child then
    perform access_settle_child(was, g.principal) from public.access_grant g where g.record_id = rec;
  end if;
end $$;

-- Answers whether the principal holds the record now: on a restricted one only people named on it can.
create or replace function access_share(rec bigint, prin int, new_scope smallint, new_until timestamptz default null)
returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership; held smallint; r public.access_record;
  lasts timestamptz := new_until; own_end timestamptz;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select * into r from public.access_record where id = rec;
  held := access_held(rec);
  if held = 0 or held < new_scope or new_scope not in (1, 2, 3) then
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
       or (r.kind = 'address' and held = 3)
     ) then
    raise insufficient_privilege using message = 'this seat may not share the record so';
  end if;
  if r.kind = 'address' and not exists (
       select 1 from public.accounts_membership m where m.principal = prin and m.partnership_id = r.partnership_id) then
    raise insufficient_privilege using message = 'a protected address is shown to named people only';
  end if;
  if r.restricted and not exists (
       select 1 from public.accounts_membership m where m.principal = prin and (m.role = 'system' or exists (
         select 1 from public.access_namedperson n join public.access_record a on a.id = n.content_object_id
          where n.user_id = m.user_id and a.kind in ('child', 'referral', 'case')
            and a.id = any (access_around(array[rec]))))) then
    return false;
  end if;
  if seat.role not in ('coordinator', 'chair', 'system') and not prin = any (mine) then
    -- nobody hands on for longer than they hold it themselves
    select case when bool_or(g.until is null) then null else max(g.until) end into own_end
      from public.access_grant g where g.record_id = rec and g.principal = any (mine) and g.scope >= new_scope;
    lasts := least(lasts, own_end);
  end if;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
  values (rec, prin, r.kind, new_scope, r.sort_at, lasts)
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until
    where (public.access_grant.scope, public.access_grant.until) is distinct from (excluded.scope, excluded.until);
  return true;
end $$;

create or replace function access_unshare(rec bigint, prin int) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if access_held(rec) = 0 or (seat.role not in ('coordinator', 'chair', 'system')
         and not exists (select 1 from public.accounts_membership m where m.principal = prin
                            and m.agency_id = seat.agency_id and seat.role = 'agency_lead')
         and not (access_held(rec) = 3 and exists (
               select 1 from public.access_record r where r.id = rec and r.kind = 'address'))) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  delete from public.access_setaside where record_id = rec and principal = prin;
  delete from public.access_grant where record_id = rec and principal = prin;
end $$;

create or replace function access_withdraw_agency(rec bigint, agency bigint) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; gone int; theirs int[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role not in ('coordinator', 'chair', 'system') or access_held(rec) < 3 then
    raise insufficient_privilege using message = 'no such record';
  end if;
  select array_agg(p) into theirs from (
    select a.principal as p from public.agencies_agency a where a.id = agency
    union select m.principal from public.accounts_membership m where m.agency_id = agency
       and m.role in ('agency_lead', 'agency_member', 'auditor')) s;
  delete from public.access_setaside g using public.access_record r
   where g.record_id = r.id and (r.id = rec or r.within_id = rec) and g.principal = any (theirs);
  delete from public.access_grant g using public.access_record r
   where g.record_id = r.id and (r.id = rec or r.within_id = rec) and g.principal = any (theirs);
  get diagnostics gone = row_count;
  return gone;
end $$;
"""

RESTRICTING = r"""
-- Leave a case and all around it to the memberships named; the others' grants are set aside. Those named are listed by
-- the caller in access_namedperson too. Somebody named must be able to run the case.
create or replace function access_restrict(rec bigint, named bigint[], scopes smallint[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; r public.access_record; around bigint[]; kept int[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select * into r from public.access_record where id = rec for update;
  if seat.role not in ('coordinator', 'chair') or r.kind not in ('referral', 'case') or access_held(rec) < 3 then
    raise insufficient_privilege using message = 'no such record';
  end if;
  around := access_around(array[rec]);
  select array_agg(m.principal) into kept from public.accounts_membership m
   where m.id = any (named) and m.partnership_id = r.partnership_id and m.role <> 'system';
  if cardinality(kept) is distinct from cardinality(named) or cardinality(named) <> cardinality(scopes)
     or exists (select 1 from unnest(scopes) s where s not in (1, 2, 3))
     or exists (select 1 from public.access_bar b join public.accounts_membership m on m.user_id = b.user_id
                 where m.id = any (named) and b.lifted_at is null and b.record_id = any (around)) then
    raise insufficient_privilege using message = 'these people cannot be named on it';
  end if;
  if not exists (select 1 from public.accounts_membership m join unnest(named, scopes) n (id, scope) on n.id = m.id
                  where m.role in ('coordinator', 'chair') and n.scope = 3) then
    raise check_violation using message = 'a coordinator or chair must be named in full';
  end if;
  kept := kept || (select m.principal from public.accounts_membership m
                    where m.partnership_id = r.partnership_id and m.role = 'system');
  update public.access_record set restricted = true where id = any (around) and not restricted;
  insert into public.access_setaside (record_id, principal, scope, until)
    select g.record_id, g.principal, g.scope, g.until from public.access_grant g
      left join public.accounts_holding h on h.principal = g.principal and h.until_at is not null
     where g.record_id = any (around) and not g.principal = any (kept) and h.id is null
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until;
  delete from public.access_grant g where g.record_id = any (around) and not g.principal = any (kept);
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
    select a.id, k.principal, a.kind, k.scope, a.sort_at
      from public.access_record a,
           (select m.principal, coalesce(n.scope, 3::smallint) as scope from public.accounts_membership m
              left join unnest(named, scopes) n (id, scope) on n.id = m.id where m.principal = any (kept)) k
     where a.id = any (around) and a.kind not in ('address', 'child')
  on conflict (record_id, principal) do update set scope = excluded.scope, until = null;
end $$;

create or replace function access_lift_restriction(rec bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; around bigint[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role not in ('coordinator', 'chair') or access_held(rec) < 3 then
    raise insufficient_privilege using message = 'no such record';
  end if;
  around := access_around(array[rec]);
  update public.access_record set restricted = false where id = any (around) and restricted;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
    select a.id, s.principal, a.kind, s.scope, a.sort_at, s.until
      from public.access_setaside s join public.access_record a on a.id = s.record_id
     where a.id = any (around) and a.kind <> 'child' and (s.until is null or s.until > now())
  on conflict (record_id, principal) do update
     set scope = greatest(public.access_grant.scope, excluded.scope), until = excluded.until;
  delete from public.access_setaside where record_id = any (around);
  -- what was made while it was restricted follows the case
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
    select a.id, p.principal, a.kind, 3, a.sort_at, null from public.access_record a
      join public.agencies_partnership p on p.id = a.partnership_id
     where a.id = any (around) and a.kind in ('referral', 'case', 'item')
       and exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = p.principal and g.scope = 3)
  on conflict (record_id, principal) do nothing;
end $$;
"""

EMERGENCY = r"""
-- Opens a case for three hours to the acting seat, which the caller's own function has matched; not for the application.
create or replace function access_begin_emergency(
  rec bigint, new_scope smallint, plan boolean, new_reference text, why text, begun timestamptz, due date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; r public.access_record; own int; ends timestamptz := now() + interval '3 hours';
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select * into r from public.access_record where id = rec;
  insert into public.access_emergencyaccess (reference, record_id, partnership_id, membership_id, scope, reason, begun_at,
                                             ends_at, review_due_on, outcome, review_note)
  values (new_reference, rec, r.partnership_id, seat.id, new_scope, why, begun, begun + interval '3 hours', due, '', '')
  returning principal into own;
  insert into public.accounts_holding (membership_id, principal, from_on, until_at)
  values (seat.id, own, current_date, ends);
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until, with_plan)
    select a.id, own, a.kind, new_scope, a.sort_at, ends, plan from public.access_record a
     where a.id = rec or (a.within_id = rec and a.kind in ('referral', 'item') and new_scope = 3);
end $$;

-- The officer who reviews an emergency access reads what was opened, for three hours.
create or replace function access_open_review(emergency bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; e public.access_emergencyaccess; ends timestamptz := now() + interval '3 hours';
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select * into e from public.access_emergencyaccess where id = emergency;
  if seat.role is distinct from 'ig' or e.partnership_id is distinct from seat.partnership_id or e.membership_id = seat.id
     or e.reviewed_at is not null or e.record_id = any (mace_barred()) then
    raise insufficient_privilege using message = 'no such emergency access';
  end if;
  -- what was restricted meanwhile stays shut
  update public.access_grant set until = greatest(until, ends) where principal = e.principal;
  insert into public.accounts_holding (membership_id, principal, from_on, until_at)
  values (seat.id, e.principal, current_date, ends)
  on conflict (membership_id, principal) do update set until_at = excluded.until_at;
end $$;

-- Grants whose end has passed are dead already; this clears them away. Answers how many of the seat's partnership went.
create or replace function access_clear_ended() returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; gone int;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role is distinct from 'system' then
    raise insufficient_privilege using message = 'only the system clears ended grants';
  end if;
  delete from public.access_grant g using public.access_record r
   where r.id = g.record_id and r.partnership_id = seat.partnership_id and g.until <= now();
  get diagnostics gone = row_count;
  return gone;
end $$;

create index access_grant_ends on access_grant (until) where until is not null;
"""

RIGHTS = r"""
revoke all on function access_held(bigint), access_around(bigint[]), access_shut(bigint),
  access_may_be_told(bigint, bigint), access_follow_restriction(bigint),
  access_share(bigint, int, smallint, timestamptz), access_restrict(bigint, bigint[], smallint[]),
  access_lift_restriction(bigint), access_begin_emergency(bigint, smallint, boolean, text, text, timestamptz, date),
  access_open_review(bigint), access_clear_ended() from public;
grant execute on function access_held(bigint), access_shut(bigint), access_may_be_told(bigint, bigint),
  access_share(bigint, int, smallint, timestamptz), access_restrict(bigint, bigint[], smallint[]),
  access_lift_restriction(bigint), access_open_review(bigint), access_clear_ended() to mace_app;
"""

BACK = r"""
drop index access_grant_ends;
drop function access_held(bigint), access_around(bigint[]), access_shut(bigint), access_may_be_told(bigint, bigint),
  access_follow_restriction(bigint), access_share(bigint, int, smallint, timestamptz),
  access_restrict(bigint, bigint[], smallint[]), access_lift_restriction(bigint),
  access_begin_emergency(bigint, smallint, boolean, text, text, timestamptz, date), access_open_review(bigint),
  access_clear_ended();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0004_bars_and_emergencies")]
    operations = [migrations.RunSQL(READING + WRITING + RESTRICTING + EMERGENCY + RIGHTS, BACK)]
