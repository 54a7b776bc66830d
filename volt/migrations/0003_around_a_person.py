"""A child who is a person of concern too: what is barred or restricted around the child holds around that record as well."""

from django.db import migrations

# As in ``referrals 0007``, and with the persons of concern who are that child.
AROUND = r"""
create or replace function access_around(recs bigint[]) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive asked as (select r.* from public.access_record r where r.id = any (recs)),
  root as (select a.* from asked a union
           select u.* from asked a join public.access_record u
               on u.id = a.within_id and u.kind in ('child', 'referral', 'case', 'person')),
  child as (select coalesce(r.about_id, p.child_id, r.id) as id from root r
              left join public.volt_personofconcern p on p.record_id = r.id
             where r.about_id is not null or r.kind = 'child' or p.child_id is not null
            union
            select case when m.child_id = c.id then m.into_id else m.child_id end
              from child c join public.referrals_childmerge m on m.undone_at is null and c.id in (m.child_id, m.into_id)),
  near as (select r.id from root r union select c.id from child c
           union select r.id from child c join public.access_record r on r.about_id = c.id
           union select p.record_id from child c join public.volt_personofconcern p on p.child_id = c.id)
  select coalesce(array_agg(s.id), '{}') from (
    select n.id from near n union select r.id from near n join public.access_record r on r.within_id = n.id) s $$;
"""
AROUND_BEFORE = r"""
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

FOLLOW = r"""
-- Said of a child whose case is restricted, the record of the person is restricted too.
create or replace function volt_person_follows() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.child_id is not null then perform access_follow_restriction(new.record_id); end if;
  return null;
end $$;
revoke all on function volt_person_follows() from public;
create trigger volt_person_follows after insert or update of child_id on volt_personofconcern
  for each row execute function volt_person_follows();
"""
FOLLOW_BACK = """
drop trigger volt_person_follows on volt_personofconcern;
drop function volt_person_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_one_child_and_new_leads"), ("volt", "0002_scopes_and_wording")]
    operations = [migrations.RunSQL(AROUND, AROUND_BEFORE), migrations.RunSQL(FOLLOW, FOLLOW_BACK)]
