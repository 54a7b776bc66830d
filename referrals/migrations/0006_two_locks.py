"""Matching, joining and emergency access, none of which tells of what is restricted or barred."""

from django.db import migrations

MATCHES = r"""
create or replace function referrals_child_matches(wanted text, born date)
returns table (child bigint, reference text, forename text, surname text, date_of_birth date, same_birth boolean,
               sounds_alike boolean, alike real)
language sql stable security definer set search_path = public, pg_temp rows 20 as $$
  with me as (select m.* from accounts_membership m where m.id = mace_seat()
                 and m.role in ('practitioner', 'manager', 'coordinator', 'chair', 'agency_lead', 'agency_member', 'system')),
  candidate as (
    select i.record_id, i.forename, i.surname, i.date_of_birth, i.name_key from referrals_childidentity i
     where i.date_of_birth in (born, case when extract(day from born) <= 12 then make_date(
             extract(year from born)::int, extract(day from born)::int, extract(month from born)::int) end)
        or i.date_of_birth between born - 367 and born - 364
        or i.date_of_birth between born + 364 and born + 367
    union
    select i.record_id, i.forename, i.surname, i.date_of_birth, i.name_key from referrals_childidentity i
     where i.name_key % wanted and similarity(i.name_key, wanted) >= 0.5),
  judged as (
    select c.*, c.date_of_birth = born as same_birth,
           dmetaphone(split_part(c.name_key, ' ', 1)) = dmetaphone(split_part(wanted, ' ', 1))
             and dmetaphone(reverse(split_part(reverse(c.name_key), ' ', 1)))
               = dmetaphone(reverse(split_part(reverse(wanted), ' ', 1))) as sounds_alike,
           similarity(c.name_key, wanted) as alike,
           (c.date_of_birth = born
            or (extract(day from born) <= 12 and c.date_of_birth = make_date(extract(year from born)::int,
                  extract(day from born)::int, least(extract(month from born)::int, 28)))
            or abs(c.date_of_birth - born) between 364 and 367) as near_birth
      from candidate c)
  select j.record_id, ch.reference::text, j.forename::text, j.surname::text, j.date_of_birth, j.same_birth,
         j.sounds_alike, j.alike
    from judged j join referrals_child ch on ch.record_id = j.record_id
    join access_record r on r.id = j.record_id join me on me.partnership_id = r.partnership_id
   where not access_shut(j.record_id) and ((j.same_birth and (j.sounds_alike or j.alike >= 0.35)) or (j.near_birth and (j.sounds_alike or j.alike >= 0.5))
      or j.alike >= 0.9)
   order by j.same_birth desc, j.sounds_alike desc, j.alike desc, j.record_id limit 10 $$;
"""
MATCHES_BEFORE = r"""
create or replace function referrals_child_matches(wanted text, born date)
returns table (child bigint, reference text, forename text, surname text, date_of_birth date, same_birth boolean,
               sounds_alike boolean, alike real)
language sql stable security definer set search_path = public, pg_temp rows 20 as $$
  with me as (select m.* from accounts_membership m where m.id = mace_seat()
                 and m.role in ('practitioner', 'manager', 'coordinator', 'chair', 'agency_lead', 'agency_member', 'system')),
  candidate as (
    select i.record_id, i.forename, i.surname, i.date_of_birth, i.name_key from referrals_childidentity i
     where i.date_of_birth in (born, case when extract(day from born) <= 12 then make_date(
             extract(year from born)::int, extract(day from born)::int, extract(month from born)::int) end)
        or i.date_of_birth between born - 367 and born - 364
        or i.date_of_birth between born + 364 and born + 367
    union
    select i.record_id, i.forename, i.surname, i.date_of_birth, i.name_key from referrals_childidentity i
     where i.name_key % wanted and similarity(i.name_key, wanted) >= 0.5),
  judged as (
    select c.*, c.date_of_birth = born as same_birth,
           dmetaphone(split_part(c.name_key, ' ', 1)) = dmetaphone(split_part(wanted, ' ', 1))
             and dmetaphone(reverse(split_part(reverse(c.name_key), ' ', 1)))
               = dmetaphone(reverse(split_part(reverse(wanted), ' ', 1))) as sounds_alike,
           similarity(c.name_key, wanted) as alike,
           (c.date_of_birth = born
            or (extract(day from born) <= 12 and c.date_of_birth = make_date(extract(year from born)::int,
                  extract(day from born)::int, least(extract(month from born)::int, 28)))
            or abs(c.date_of_birth - born) between 364 and 367) as near_birth
      from candidate c)
  select j.record_id, ch.reference::text, j.forename::text, j.surname::text, j.date_of_birth, j.same_birth,
         j.sounds_alike, j.alike
    from judged j join referrals_child ch on ch.record_id = j.record_id
    join access_record r on r.id = j.record_id join me on me.partnership_id = r.partnership_id
   where (j.same_birth and (j.sounds_alike or j.alike >= 0.35)) or (j.near_birth and (j.sounds_alike or j.alike >= 0.5))
      or j.alike >= 0.9
   order by j.same_birth desc, j.sounds_alike desc, j.alike desc, j.record_id limit 10 $$;
"""

JOIN = r"""
create or replace function referrals_join_case(referral bigint, joined bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if mace_role() is null or mace_role() not in ('coordinator', 'chair', 'system')
     or access_held(referral) < 3 or access_held(joined) < 3
     or (select count(*) from public.access_record r
          where (r.id, r.kind) in ((referral, 'referral'), (joined, 'case'))) <> 2
  then raise insufficient_privilege using message = 'no such record'; end if;
  update public.access_record set within_id = joined where id = referral;
  if access_follow_restriction(referral) then return; end if;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
    select referral, g.principal, r.kind, g.scope, r.sort_at, g.until
      from public.access_grant g, public.access_record r
     where g.record_id = joined and g.scope = 3 and (g.until is null or g.until > now()) and r.id = referral
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until
    where (public.access_grant.scope, public.access_grant.until) is distinct from (excluded.scope, excluded.until);
end $$;
"""
JOIN_BEFORE = r"""
create or replace function referrals_join_case(referral bigint, joined bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null or seat.role not in ('coordinator', 'chair', 'system') or (
       select count(distinct g.record_id) from public.access_grant g
        where (g.record_id, g.kind) in ((referral, 'referral'), (joined, 'case')) and g.scope = 3 and g.principal = any (mine)) <> 2
  then raise insufficient_privilege using message = 'no such record'; end if;
  update public.access_record set within_id = joined where id = referral;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
    select referral, g.principal, r.kind, g.scope, r.sort_at from public.access_grant g, public.access_record r
     where g.record_id = joined and g.scope = 3 and r.id = referral
  on conflict (record_id, principal) do update set scope = excluded.scope where public.access_grant.scope <> excluded.scope;
end $$;
"""

EMERGENCY = r"""
-- An exact match by name and date of birth among the seat's partnership's children with a case; nothing else is told.
-- What is restricted, or barred to the person, is as absent as what does not exist.
create or replace function referrals_begin_emergency(
  wanted text, born date, new_reference text, why text, begun timestamptz, due date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; found public.referrals_case;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null or seat.role not in ('practitioner', 'manager', 'agency_lead') or not exists (
       select 1 from public.agencies_agency a where a.id = seat.agency_id
          and a.kind in ('social_care', 'police', 'health', 'education', 'youth_justice', 'probation')) then
    raise insufficient_privilege using message = 'this seat has no emergency access';
  end if;
  if coalesce(trim(why), '') = '' or coalesce(wanted, '') = '' then return null; end if;
  select c.* into found from public.referrals_childidentity i
    join public.referrals_case c on c.child_id = i.child_id
    join public.access_record r on r.id = c.record_id
   where i.name_key = wanted and i.date_of_birth = born and c.partnership_id = seat.partnership_id
     and not r.restricted and not r.id = any (mace_barred())
   order by c.closed_on is null desc, c.opened_on desc, c.record_id limit 1;
  if found.record_id is null then return null; end if;
  perform access_begin_emergency(found.record_id, case when found.closed_on is null then 3 else 2 end::smallint,
                                 found.closed_on is not null, new_reference, why, begun, due);
  return found.record_id;
end $$;

-- The reference of the case that an emergency access opened, for whoever may see that access.
create or replace function referrals_emergency_case(emergency bigint) returns text
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  return (select c.reference from public.access_emergencyaccess e
            join public.referrals_case c on c.record_id = e.record_id
           where e.id = emergency and not e.record_id = any (mace_barred())
             and (e.membership_id = seat.id or (e.partnership_id = seat.partnership_id
                  and (seat.role in ('ig', 'system') or access_held(e.record_id) > 0))));
end $$;

revoke all on function referrals_begin_emergency(text, date, text, text, timestamptz, date),
  referrals_emergency_case(bigint) from public;
grant execute on function referrals_begin_emergency(text, date, text, text, timestamptz, date),
  referrals_emergency_case(bigint) to mace_app;
"""
EMERGENCY_BACK = "drop function referrals_begin_emergency(text, date, text, text, timestamptz, date), referrals_emergency_case(bigint)"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_protected_addresses"), ("access", "0005_two_locks")]
    operations = [
        migrations.RunSQL(MATCHES, MATCHES_BEFORE),
        migrations.RunSQL(JOIN, JOIN_BEFORE),
        migrations.RunSQL(EMERGENCY, EMERGENCY_BACK),
    ]
