"""Who holds a record today, who is barred from it; and restrictions that remember what they held back.

Replaces ``access_share``, ``access_restrict`` and ``access_lift_restriction``: a grant that a restriction refuses is set
aside like those it took away, and what somebody held before they were named comes back when it is lifted.
"""

from django.db import migrations

import mace.core.protection

HOLDERS = r"""
-- Every grant in force on a record with the seats behind it, for coordinators and chairs who hold it in full and for a
-- case's lead professional; nothing for anybody else. A grant that nobody holds today comes with no seat. Whoever is
-- barred holds nothing. The bodies are read when they run: the tables of cases come later.
create or replace function access_holders_of(rec bigint)
returns table (principal int, scope smallint, until timestamptz, membership_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if access_held(rec) < 3 or not (mace_role() in ('coordinator', 'chair', 'system') or exists (
       select 1 from public.referrals_case c where c.record_id = rec and c.lead_professional_id = mace_seat())) then
    return;
  end if;
  return query
  with g as materialized (
    select a.principal, a.scope, a.until from public.access_grant a
     where a.record_id = rec and (a.until is null or a.until > now())),
  posts as (
    select g.principal, m.id from g join public.accounts_membership m on m.principal = g.principal
    union
    select g.principal, m.id from g join public.agencies_partnership p on p.principal = g.principal
      join public.accounts_membership m on m.partnership_id = p.id and m.role = 'coordinator'
    union
    select g.principal, m.id from g join public.agencies_agency a on a.principal = g.principal
      join public.accounts_membership m on m.agency_id = a.id and m.role = 'agency_lead'
    union
    select g.principal, m.id from g join public.agencies_team t on t.principal = g.principal
      join public.accounts_membership m on m.team_id = t.id and m.role = 'manager'
    union
    select g.principal, h.membership_id from g join public.accounts_holding h on h.principal = g.principal
     where h.from_on <= current_date and (h.until_on is null or h.until_on >= current_date)
       and (h.until_at is null or h.until_at > now())),
  held as (
    select p.principal, m.id from posts p join public.accounts_membership m on m.id = p.id
      join public.accounts_user u on u.id = m.user_id
     where u.is_active and m.role <> 'system' and m.from_on <= current_date
       and (m.until_on is null or m.until_on >= current_date)
       and not exists (select 1 from public.access_bar b where b.user_id = m.user_id and b.lifted_at is null
                          and rec = any (access_around(array[b.record_id]))))
  select g.principal, g.scope, g.until, h.id from g left join held h on h.principal = g.principal
   order by g.scope desc, g.principal, h.id;
end $$;

-- Whether a person is barred from a record, told only to a seat that holds it.
create or replace function access_is_barred(rec bigint, person bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return access_held(rec) > 0 and exists (
    select 1 from public.access_bar b where b.user_id = person and b.lifted_at is null
       and rec = any (access_around(array[b.record_id])));
end $$;
"""

SHARING = r"""
-- Answers whether the principal holds the record now. On a restricted one only people named on it do, and no wider than
-- they are named; for others the grant is set aside until the restriction is lifted.
create or replace function access_share(rec bigint, prin int, new_scope smallint, new_until timestamptz default null)
returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership; held smallint; r public.access_record;
  lasts timestamptz := new_until; own_end timestamptz; named smallint := 3;
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
  if seat.role not in ('coordinator', 'chair', 'system') and not prin = any (mine) then
    -- nobody hands on for longer than they hold it themselves
    select case when bool_or(g.until is null) then null else max(g.until) end into own_end
      from public.access_grant g where g.record_id = rec and g.principal = any (mine) and g.scope >= new_scope;
    lasts := least(lasts, own_end);
  end if;
  if r.restricted and not exists (
       select 1 from public.accounts_membership m where m.principal = prin and m.role = 'system') then
    select max(k.scope) into named from public.access_grant k join public.access_record a on a.id = k.record_id
     where k.principal = prin and a.restricted and a.kind in ('referral', 'case') and a.id = any (access_around(array[rec]));
  end if;
  if named is null then
    insert into public.access_setaside (record_id, principal, scope, until) values (rec, prin, new_scope, lasts)
    on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until;
    return false;
  end if;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
  values (rec, prin, r.kind, least(new_scope, named), r.sort_at, lasts)
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until
    where (public.access_grant.scope, public.access_grant.until) is distinct from (excluded.scope, excluded.until);
  return true;
end $$;
"""

RESTRICTING = r"""
-- Leave a case and all around it to the memberships named; what everybody held is set aside. Those named are listed by
-- the caller in access_namedperson too. Somebody named must be able to run the case. Asked again, it changes the list:
-- who is named no more loses what the naming gave, and gets back at the lifting what they had before, if anything.
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
  insert into public.access_setaside (record_id, principal, scope, until)
    select g.record_id, g.principal, g.scope, g.until from public.access_grant g
      join public.access_record a on a.id = g.record_id and not a.restricted
      left join public.accounts_holding h on h.principal = g.principal and h.until_at is not null
     where g.record_id = any (around) and h.id is null
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until;
  update public.access_record set restricted = true where id = any (around) and not restricted;
  delete from public.access_grant g where g.record_id = any (around) and not g.principal = any (kept);
  delete from public.access_namedperson n where n.content_object_id = rec and not exists (
    select 1 from public.accounts_membership m where m.user_id = n.user_id
       and (m.principal = any (kept) or exists (select 1 from public.access_setaside s
                                                  where s.record_id = rec and s.principal = m.principal)));
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
     set scope = greatest(public.access_grant.scope, excluded.scope),
         until = case when public.access_grant.scope > excluded.scope then public.access_grant.until
                      when public.access_grant.scope < excluded.scope then excluded.until
                      when public.access_grant.until is null or excluded.until is null then null
                      else greatest(public.access_grant.until, excluded.until) end;
  delete from public.access_setaside where record_id = any (around);
  -- what was made while it was restricted follows the case
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
    select a.id, p.principal, a.kind, 3, a.sort_at, null from public.access_record a
      join public.agencies_partnership p on p.id = a.partnership_id
     where a.id = any (around) and a.kind in ('referral', 'case', 'item', 'person')
       and exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = p.principal and g.scope = 3)
  on conflict (record_id, principal) do nothing;
end $$;
"""

RIGHTS = r"""
revoke all on function access_holders_of(bigint), access_is_barred(bigint, bigint) from public;
grant execute on function access_holders_of(bigint), access_is_barred(bigint, bigint) to mace_app;
"""

IN_FULL_OR_OF_MY_AGENCY = (
    "exists (select 1 from access_grant g where g.record_id = {table}.content_object_id and (g.principal + 0) = any "
    "((select mace_principals())::int[]) and (g.scope >= 3 or exists (select 1 from accounts_membership m join "
    "accounts_membership own on own.agency_id = m.agency_id where own.id = (select mace_seat()) and m.user_id = "
    "{table}.user_id)) offset 0)"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0005_two_locks"), ("accounts", "0004_seats")]
    operations = [
        migrations.RunSQL(
            HOLDERS + SHARING + RESTRICTING + RIGHTS,
            "drop function access_holders_of(bigint), access_is_barred(bigint, bigint)",
        ),
        migrations.RemoveConstraint(model_name="namedperson", name="namedperson_granted"),
        migrations.AddConstraint(
            model_name="namedperson",
            constraint=mace.core.protection.Protected(
                name="namedperson_granted",
                history=True,
                see=IN_FULL_OR_OF_MY_AGENCY,
                remove=IN_FULL_OR_OF_MY_AGENCY,
            ),
        ),
    ]
