"""Who might be the same child, within the seat's own partnership only.

A definer function, because the person who asks need not see the other record; it tells name, date of birth and why, and
only to seats that may file referrals. Sound-alike by double metaphone of surname or forename; trigrams catch the rest.
"""

from django.db import migrations

FORWARD = r"""
create index childidentity_name on referrals_childidentity using gin (name_key gin_trgm_ops);

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
revoke all on function referrals_child_matches(text, date) from public;
grant execute on function referrals_child_matches(text, date) to mace_app;
"""

BACK = "drop function referrals_child_matches(text, date); drop index childidentity_name"

BECOMES_CASE = r"""
create or replace function referrals_record_becomes_case() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.access_record set kind = 'case' where id = new.record_id and kind = 'referral';
  update public.access_grant set kind = 'case' where record_id = new.record_id and kind = 'referral';
  return null;
end $$;
revoke all on function referrals_record_becomes_case() from public;
create trigger referrals_record_becomes_case after insert on referrals_case
  for each row execute function referrals_record_becomes_case();
"""

BACK_TO_REFERRAL = (
    "drop trigger referrals_record_becomes_case on referrals_case; drop function referrals_record_becomes_case()"
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK), migrations.RunSQL(BECOMES_CASE, BACK_TO_REFERRAL)]
