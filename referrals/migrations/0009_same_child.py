"""Who may be the same child: by number, by date of birth and name, by name alone.

What is compared stands in an index on the names and the date, so that nobody has to keep it in step: whoever changes
``referrals_match_keys`` or what it calls drops and makes the index anew in the same migration.
"""

from django.db import migrations, models

KEYS = r"""
-- A name as it is compared: small letters without accents, its parts apart. A hyphen parts, an apostrophe does not.
create function referrals_name_parts(name text) returns text[] language sql immutable strict parallel safe as $$
  select array_remove(regexp_split_to_array(regexp_replace(normalize(
    replace(replace(replace(replace(translate(lower(name), 'łøđðı', 'loddi'), 'þ', 'th'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    NFKD), U&'[\0300-\036F''’‘ʼ`´.]', '', 'g'), U&'[][\0001-\002F\003A-\0040\005C\005E_{|}~\00A0\2010-\2015\2212]+'), '')
$$;

-- How a part sounds, one way or two; what is not written in our letters stands for itself.
create function referrals_sounds(part text) returns text[] language sql immutable strict parallel safe as $$
  select case when public.dmetaphone(part) = '' then array[part]
              when public.dmetaphone(part) = public.dmetaphone_alt(part) then array[public.dmetaphone(part)]
              else array[public.dmetaphone(part), public.dmetaphone_alt(part)] end
$$;

-- The name and each other name as a whole: one word stands for the first name. Commas, semicolons and slashes part them.
create function referrals_names(forename text, surname text, aliases text) returns text[]
language sql immutable strict parallel safe as $$
  select case when aliases = '' then array[forename || ' ' || surname] else array[forename || ' ' || surname] || array(
    select case when trim(a) like '% %' then trim(a) else trim(a) || ' ' || surname end
      from regexp_split_to_table(aliases, '[,;/]') a where trim(a) <> '' limit 6) end
$$;

-- All parts of a child's names, and names of several parts written as one.
create function referrals_all_parts(forename text, surname text, aliases text) returns text[]
language sql immutable strict parallel safe as $$
  select array(
    select p from (
      select p, min(place) from (
        select p, 1 as place from unnest(public.referrals_name_parts(forename || ' ' || surname)) p
        union all select array_to_string(public.referrals_name_parts(forename), ''), 2
        union all select array_to_string(public.referrals_name_parts(surname), ''), 2
        union all select p, 3 from unnest(public.referrals_name_parts(replace(aliases, '/', ' '))) p) all_parts
       where length(p) > 1 group by p order by 2, 1 limit 12) first_parts)
$$;

-- What one child is found by: each sound on a day (days since 2000), and each two sounds whatever the day.
create function referrals_match_keys(forename text, surname text, aliases text, born date[]) returns text[]
language plpgsql immutable strict parallel safe cost 20000 as $$
begin
  return (
    with heard as (
      select p, s from unnest(public.referrals_all_parts(forename, surname, aliases)) p, unnest(public.referrals_sounds(p)) s)
    select array(
      select distinct s || '@' || (day - date '2000-01-01') from heard, unnest(born) day
      union
      select distinct least(a.s, b.s) || '+' || greatest(a.s, b.s) from heard a join heard b on a.p < b.p));
end $$;

-- Days that somebody may write in place of another: day and month swapped, one digit wrong, two neighbours swapped, a day,
-- month or year off; the whole month when the day is not known, and the 15th, which others then wrote.
create function referrals_days_like(born date, day_known boolean) returns date[]
language sql immutable strict parallel safe as $$
  with given as (select extract(year from born)::int as y, extract(month from born)::int as m, extract(day from born)::int as d),
  written as (
    select y, m, n as d from given, generate_series(1, 31) n
     where not day_known or n = 15 or n / 10 = d / 10 or n % 10 = d % 10 or abs(n - d) = 1 or n = d % 10 * 10 + d / 10
    union select y, n, d from given, generate_series(1, 12) n
     where n / 10 = m / 10 or n % 10 = m % 10 or abs(n - m) = 1 or n = m % 10 * 10 + m / 10
    union select n, m, d from given, generate_series(y - 20, y + 20) n
     where n / 10 = y / 10 or n % 10 = y % 10 or abs(n - y) = 1 or n = y - y % 100 + y % 10 * 10 + y % 100 / 10
    union select y, d, m from given where d <= 12)
  select array(select make_date(y, m, d) from written
                where d <= extract(day from make_date(y, m, 1) + interval '1 month' - interval '1 day')
               union select born - 1 union select born + 1)
$$;

-- without a list of what is still to be sorted in, which each search would read from end to end
create index childidentity_match on referrals_childidentity
  using gin ((referrals_match_keys(forename, surname, aliases, array[date_of_birth]) collate "C")) with (fastupdate = off);
revoke all on function referrals_name_parts(text), referrals_sounds(text), referrals_names(text, text, text),
  referrals_all_parts(text, text, text), referrals_match_keys(text, text, text, date[]),
  referrals_days_like(date, boolean) from public;
-- whoever writes a row works out what the index holds of it
grant execute on function referrals_name_parts(text), referrals_sounds(text), referrals_all_parts(text, text, text),
  referrals_match_keys(text, text, text, date[]) to mace_app;
"""
KEYS_BACK = """
drop index childidentity_match;
drop function referrals_match_keys(text, text, text, date[]), referrals_all_parts(text, text, text),
  referrals_names(text, text, text), referrals_sounds(text), referrals_name_parts(text), referrals_days_like(date, boolean);
"""

RECORDS = r"""
-- Children of the seat's own partnership, none of what is shut to it, who may be the one wanted: at most fifty, the likeliest
-- first, with what is needed to judge. Numbers are not told, only whether they are the same; another name only where it is
-- more like the one wanted than the child's own is. A local number counts at the agency whose referral made the child.
create function referrals_matching_records(
  wanted_forename text, wanted_surname text, wanted_aliases text, born date, day_known boolean,
  wanted_nhs text, wanted_upn text, wanted_local text)
returns table (child bigint, forename text, surname text, known_as text, date_of_birth date, birth_day_known boolean,
               same_nhs boolean, other_nhs boolean, same_upn boolean, same_local boolean, heard text[])
language plpgsql stable security definer rows 50
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
  seat public.accounts_membership;
  parts text[] := referrals_all_parts(wanted_forename, wanted_surname, wanted_aliases);
  names text[] := referrals_names(wanted_forename, wanted_surname, wanted_aliases);
  swapped date := case when extract(day from born) <= 12 then
    make_date(extract(year from born)::int, extract(day from born)::int, extract(month from born)::int) else born end;
  days date[] := referrals_days_like(born, day_known);
  keys text[] := referrals_match_keys(wanted_forename, wanted_surname, wanted_aliases, days);
begin
  select * into seat from public.accounts_membership m where m.id = mace_seat();
  if seat.role is null or seat.role not in
     ('practitioner', 'manager', 'coordinator', 'chair', 'agency_lead', 'agency_member', 'system') then
    return;
  end if;
  return query
    with hit as materialized (
      select i.record_id from public.referrals_childidentity i where i.nhs_number = wanted_nhs and i.nhs_number <> ''
      union
      select i.record_id from public.referrals_childidentity i where i.upn = wanted_upn and i.upn <> ''
      union
      select i.record_id from public.referrals_childidentity i where i.local_id = wanted_local and i.local_id <> ''
      union
      select i.record_id from public.referrals_childidentity i
       where i.date_of_birth in (born, swapped) and similarity(i.name_key, names[1]) >= 0.3
      union
      select i.record_id from public.referrals_childidentity i
       where referrals_match_keys(i.forename, i.surname, i.aliases, array[i.date_of_birth]) collate "C" && keys),
    likely as materialized (
      select i.*, own.alike, other.name as other_name, greatest(own.alike, other.alike) as most_alike,
             i.nhs_number <> '' and i.nhs_number = wanted_nhs as nhs, i.upn <> '' and i.upn = wanted_upn as pupil,
             i.local_id <> '' and i.local_id = wanted_local and exists (
               select 1 from public.referrals_referral f
                where f.child_id = i.child_id and f.made_child and f.agency_id = seat.agency_id) as own_number
        from hit h join public.referrals_childidentity i on i.record_id = h.record_id
        cross join lateral (
          select max(similarity(i.name_key, n)) as alike from unnest(names) n) own
        left join lateral (
          select a as name, similarity(a, n) as alike
            from unnest((referrals_names(i.forename, i.surname, i.aliases))[2:]) a, unnest(names) n
           order by 2 desc, 1 limit 1) other on other.alike > own.alike
       -- one by one, not against all records of the partnership
       where exists (select 1 from public.access_record r
                      where r.id = h.record_id and r.partnership_id = seat.partnership_id offset 0)),
    placed as materialized (
      select l.* from likely l
       where l.nhs or l.pupil or l.own_number
          or l.date_of_birth in (born, swapped)
          or (l.date_of_birth = any (days) and l.most_alike >= 0.3)
          or l.most_alike >= 0.5
       order by l.nhs or l.pupil or l.own_number desc, l.date_of_birth in (born, swapped) desc,
                l.date_of_birth = any (days) and l.most_alike >= 0.5 desc, l.most_alike desc, l.record_id),
    -- asked of the likeliest until there are fifty
    best as materialized (select p.* from placed p where not access_shut(p.record_id) limit 50)
    select b.record_id, b.forename::text, b.surname::text, coalesce(b.other_name, ''), b.date_of_birth, b.birth_day_known,
           b.nhs, b.nhs_number <> '' and wanted_nhs <> '' and not b.nhs, b.pupil, b.own_number, array(
             select w || ' ' || p from unnest(parts) w, unnest(
                 referrals_all_parts(b.forename, b.surname, coalesce(b.other_name, ''))) p
              where w <> p and referrals_sounds(w) && referrals_sounds(p))
      from best b
     order by b.nhs or b.pupil or b.own_number desc, b.date_of_birth in (born, swapped) desc,
              b.date_of_birth = any (days) and b.most_alike >= 0.5 desc, b.most_alike desc, b.record_id;
end $$;

-- Two records that were merged are one match, and lead to the record that stays. Asked only by seats that may file
-- referrals; an agency's seats where its partnership lets the agency.
create function referrals_child_matches(
  wanted_forename text, wanted_surname text, wanted_aliases text, born date, day_known boolean,
  wanted_nhs text, wanted_upn text, wanted_local text)
returns table (child bigint, reference text, forename text, surname text, known_as text, date_of_birth date,
               birth_day_known boolean, same_nhs boolean, other_nhs boolean, same_upn boolean, same_local boolean,
               heard text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 50 as $$
  with found as (
    select m.*, row_number() over () as place, referrals_kept_child(m.child) as kept
      from public.referrals_matching_records(wanted_forename, wanted_surname, wanted_aliases, born, day_known,
                                             wanted_nhs, wanted_upn, wanted_local) m
     where mace_role() not in ('agency_lead', 'agency_member') or exists (
       select 1 from public.accounts_membership s
         join public.agencies_participation q on q.agency_id = s.agency_id and q.partnership_id = s.partnership_id
        where s.id = mace_seat() and q.may_refer)),
  once as (select f.*, row_number() over (partition by f.kept order by f.place) as again from found f)
  select o.kept, c.reference::text, o.forename, o.surname, o.known_as, o.date_of_birth, o.birth_day_known, o.same_nhs,
         o.other_nhs, o.same_upn, o.same_local, o.heard
    from once o join public.referrals_child c on c.record_id = o.kept where o.again = 1 order by o.place $$;
revoke all on function
  referrals_matching_records(text, text, text, date, boolean, text, text, text),
  referrals_child_matches(text, text, text, date, boolean, text, text, text) from public;
grant execute on function
  referrals_child_matches(text, text, text, date, boolean, text, text, text) to mace_app;
drop function referrals_child_matches(text, date), referrals_matching_records(text, date);
"""
RECORDS_BACK = r"""
create function referrals_matching_records(wanted text, born date)
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
revoke all on function referrals_matching_records(text, date) from public;
create function referrals_child_matches(wanted text, born date)
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
drop function referrals_child_matches(text, text, text, date, boolean, text, text, text),
  referrals_matching_records(text, text, text, date, boolean, text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_protecting_addresses")]
    operations = [
        migrations.AddField("childidentity", "birth_day_known", models.BooleanField(db_default=True, default=True)),
        migrations.AddField("childidentity", "local_id", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AddField("childidentity", "upn", models.CharField("UPN", blank=True, db_default="", max_length=13)),
        migrations.AddIndex(
            "childidentity",
            models.Index(condition=~models.Q(upn=""), fields=["upn"], name="childidentity_upn"),
        ),
        migrations.AddIndex(
            "childidentity",
            models.Index(condition=~models.Q(local_id=""), fields=["local_id"], name="childidentity_local_id"),
        ),
        migrations.AddConstraint(
            "childidentity",
            models.CheckConstraint(
                condition=models.Q(birth_day_known=True) | models.Q(date_of_birth__day=15),
                name="unknown_birth_day_is_the_15th",
            ),
        ),
        migrations.RunSQL(KEYS, KEYS_BACK),
        migrations.RunSQL(RECORDS, RECORDS_BACK),
    ]
