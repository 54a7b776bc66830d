"""Two records of one child said to be the same, and a case handed to another lead professional and team.

A merge moves nothing: it says that two children are one, so that searches for a child find the record that stays and a
bar or a restriction around the one holds around the other. It never gives anybody a grant.
"""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection

AROUND = r"""
-- The records that stand and fall together: what is asked for, the case it lies within, its child, the other records of
-- the same child, all that speaks of that child, and what lies within any of these.
create or replace function access_around(recs bigint[]) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive asked as (select r.* from public.access_record r where r.id = any (recs)),
  root as (select a.* from asked a union
           select u.* from asked a join public.access_record u on u.id = a.within_id and u.kind in ('child', 'referral', 'case')),
  child as (select coalesce(r.about_id, r.id) as id from root r where r.about_id is not null or r.kind = 'child'
            union
            select case when m.child_id = c.id then m.into_id else m.child_id end
              from child c join public.referrals_childmerge m on m.undone_at is null and c.id in (m.child_id, m.into_id)),
  near as (select r.id from root r union select c.id from child c
           union select r.id from child c join public.access_record r on r.about_id = c.id)
  select coalesce(array_agg(s.id), '{}') from (
    select n.id from near n union select r.id from near n join public.access_record r on r.within_id = n.id) s $$;
"""
AROUND_BEFORE = r"""
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
"""

MERGE = r"""
-- The seat runs both children's cases, holds both in full, and nothing around either is restricted.
create or replace function referrals_may_merge(one bigint, other bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  return coalesce(seat.role in ('coordinator', 'chair') and access_held(one) = 3 and access_held(other) = 3
     and (select count(*) from public.access_record r where r.id in (one, other) and r.kind = 'child'
             and r.partnership_id = seat.partnership_id) = 2
     and not exists (select 1 from public.access_record r where r.restricted
                        and r.id = any (access_around(array[one, other]))), false);
end $$;

create or replace function referrals_merge_children(gone bigint, kept bigint, why text, merged timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare made bigint;
begin
  -- one merge at a time, so that two at once cannot close a circle
  perform pg_advisory_xact_lock(hashtext('referrals_childmerge'));
  if not referrals_may_merge(gone, kept) or kept = any (access_around(array[gone])) then
    raise insufficient_privilege using message = 'these children cannot be merged';
  end if;
  insert into public.referrals_childmerge (child_id, into_id, reason, merged_by_id, merged_at, undone_reason)
  values (gone, kept, why, mace_seat(), merged, '') returning id into made;
  return made;
end $$;

create or replace function referrals_undo_merge(merge bigint, why text, undone timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare m public.referrals_childmerge;
begin
  select * into m from public.referrals_childmerge where id = merge and undone_at is null for update;
  if m.id is null or not referrals_may_merge(m.child_id, m.into_id) then
    raise insufficient_privilege using message = 'no such merge';
  end if;
  update public.referrals_childmerge set undone_at = undone, undone_by_id = mace_seat(), undone_reason = why where id = merge;
end $$;

-- The record that stays of a child, as far as the seat is not shut out of it.
create or replace function referrals_kept_child(child bigint) returns bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive up as (
    select child as id, 0 as steps
    union all
    select m.into_id, u.steps + 1 from up u
      join public.referrals_childmerge m on m.child_id = u.id and m.undone_at is null
     where not access_shut(m.into_id))
  select id from up order by steps desc limit 1 $$;

revoke all on function referrals_may_merge(bigint, bigint), referrals_merge_children(bigint, bigint, text, timestamptz),
  referrals_undo_merge(bigint, text, timestamptz), referrals_kept_child(bigint) from public;
grant execute on function referrals_may_merge(bigint, bigint), referrals_merge_children(bigint, bigint, text, timestamptz),
  referrals_undo_merge(bigint, text, timestamptz) to mace_app;
"""
MERGE_BACK = """
drop function referrals_merge_children(bigint, bigint, text, timestamptz), referrals_undo_merge(bigint, text, timestamptz),
  referrals_may_merge(bigint, bigint), referrals_kept_child(bigint)
"""

# Two records that were merged are one match, and lead to the record that stays. Asked only by seats that may file
# referrals; an agency's seats where its partnership lets the agency.
MATCHES_RENAME = """
alter function referrals_child_matches(text, date) rename to referrals_matching_records;
revoke all on function referrals_matching_records(text, date) from mace_app;
"""
MATCHES_RENAME_BACK = """
alter function referrals_matching_records(text, date) rename to referrals_child_matches;
grant execute on function referrals_child_matches(text, date) to mace_app;
"""
MATCHES = r"""
create or replace function referrals_child_matches(wanted text, born date)
returns table (child bigint, reference text, forename text, surname text, date_of_birth date, same_birth boolean,
               sounds_alike boolean, alike real)
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 10 as $$
  with found as (
    select m.*, row_number() over () as place, referrals_kept_child(m.child) as kept
      from public.referrals_matching_records(wanted, born) m
     where mace_role() not in ('agency_lead', 'agency_member') or exists (
       select 1 from public.accounts_membership s
         join public.agencies_participation q on q.agency_id = s.agency_id and q.partnership_id = s.partnership_id
        where s.id = mace_seat() and q.may_refer)),
  once as (select f.*, row_number() over (partition by f.kept order by f.place) as again from found f)
  select o.kept, c.reference::text, o.forename, o.surname, o.date_of_birth, o.same_birth, o.sounds_alike, o.alike
    from once o join public.referrals_child c on c.record_id = o.kept where o.again = 1 order by o.place $$;
revoke all on function referrals_child_matches(text, date) from public;
grant execute on function referrals_child_matches(text, date) to mace_app;
"""
MATCHES_BACK = "drop function referrals_child_matches(text, date)"

HAND_OVER = r"""
-- Takes a case, its referrals and its items from some principals and gives them to others, the seats and teams that are
-- to lead it. On a restricted case only people named on it hold it; the others get theirs when the restriction is lifted.
create or replace function referrals_hand_over(rec bigint, leaving int[], arriving int[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; r public.access_record; given bigint[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select * into r from public.access_record where id = rec for update;
  if seat.role is null or seat.role not in ('coordinator', 'chair', 'system') or access_held(rec) < 3 or r.kind <> 'case'
     or exists (
       select 1 from unnest(arriving) p where not exists (
         select 1 from public.accounts_membership m where m.principal = p and m.partnership_id = r.partnership_id
            and m.role in ('practitioner', 'manager', 'coordinator'))
       and not exists (
         select 1 from public.agencies_team t join public.agencies_participation q on q.agency_id = t.agency_id
          where t.principal = p and q.partnership_id = r.partnership_id)) then
    raise insufficient_privilege using message = 'no such case';
  end if;
  select array_agg(a.id) into given from public.access_record a
   where a.id = rec or (a.within_id = rec and (a.kind = 'referral' or (a.kind = 'item' and (
          exists (select 1 from public.access_grant g where g.record_id = a.id and g.principal = any (leaving || arriving))
          or exists (select 1 from public.access_setaside s
                      where s.record_id = a.id and s.principal = any (leaving || arriving))))));
  delete from public.access_setaside s using public.access_record a
   where s.record_id = a.id and (a.id = rec or a.within_id = rec) and s.principal = any (leaving);
  delete from public.access_grant g using public.access_record a
   where g.record_id = a.id and (a.id = rec or a.within_id = rec) and g.principal = any (leaving);
  if r.restricted then
    insert into public.access_setaside (record_id, principal, scope, until)
      select a.id, p, 3, null from public.access_record a cross join unnest(arriving) p
       where a.id = any (given)
         and not exists (select 1 from public.access_grant g where g.record_id = rec and g.principal = p)
    on conflict (record_id, principal) do update set scope = 3, until = null;
  else
    insert into public.access_grant (record_id, principal, kind, scope, sort_at)
      select a.id, p, a.kind, 3, a.sort_at from public.access_record a cross join unnest(arriving) p
       where a.id = any (given)
    on conflict (record_id, principal) do update set scope = 3, until = null
      where (public.access_grant.scope, public.access_grant.until) is distinct from (3, null);
  end if;
end $$;
revoke all on function referrals_hand_over(bigint, int[], int[]) from public;
grant execute on function referrals_hand_over(bigint, int[], int[]) to mace_app;
"""
HAND_OVER_BACK = "drop function referrals_hand_over(bigint, int[], int[])"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_people_functions"),
        ("access", "0005_two_locks"),
        ("referrals", "0006_two_locks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChildMerge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=400)),
                ("merged_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_reason", models.CharField(blank=True, max_length=400)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="given_way", to="referrals.child"
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taken_over", to="referrals.child"
                    ),
                ),
                (
                    "merged_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_at__isnull", True)), fields=["into"], name="merge_in_force"
                    )
                ],
                "constraints": [
                    mace.core.protection.Protected(
                        add="false",
                        change="false",
                        history=True,
                        name="childmerge_both_in_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.child_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from access_grant g where g.record_id = {table}.into_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("child", models.F("into")), _negated=True), name="merge_joins_two"
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="merge_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                            models.Q(
                                ("undone_at__isnull", False),
                                ("undone_by__isnull", False),
                                models.Q(("undone_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="undone_merge_says_who_and_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("child",),
                        name="child_gives_way_to_one",
                    ),
                ],
            },
        ),
        migrations.RunSQL(AROUND, AROUND_BEFORE),
        migrations.RunSQL(MERGE, MERGE_BACK),
        migrations.RunSQL(MATCHES_RENAME, MATCHES_RENAME_BACK),
        migrations.RunSQL(MATCHES, MATCHES_BACK),
        migrations.RunSQL(HAND_OVER, HAND_OVER_BACK),
    ]
