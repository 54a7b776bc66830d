"""Whom the rows of a spreadsheet surely mean, asked for many rows in one statement."""

from django.db import migrations

FORWARD = r"""
-- For each of those wanted, by its place: the children of the seat's own partnership, none of what is shut to it, with the
-- same date of birth, whose day is known, and the very name or a number that is the same. What is told of them is what
-- ``referrals_child_matches`` tells, the likeliest first by ``nth``; two records that were merged are one, and lead to the
-- record that stays. For seats that screen referrals.
create function referrals_children_meant(
  forenames text[], surnames text[], name_keys text[], born date[], nhs text[], upns text[], locals text[])
returns table (place int, nth int, child bigint, reference text, forename text, surname text, known_as text,
               date_of_birth date, birth_day_known boolean, same_nhs boolean, other_nhs boolean, same_upn boolean,
               same_local boolean, heard text[])
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp rows 50 as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership m where m.id = mace_seat();
  if seat.role is null or seat.role not in ('coordinator', 'chair', 'system') then
    return;
  end if;
  return query
    with wanted as materialized (
      select w.*, referrals_names(w.forename, w.surname, '') as names
        from unnest(forenames, surnames, name_keys, born, nhs, upns, locals) with ordinality
             w(forename, surname, name_key, born, nhs, upn, local_id, n)),
    hit as materialized (
      select w.n, i.*, i.nhs_number <> '' and i.nhs_number = w.nhs as nhs, i.upn <> '' and i.upn = w.upn as pupil,
             i.local_id <> '' and i.local_id = w.local_id and exists (
               select 1 from public.referrals_referral f
                where f.child_id = i.child_id and f.made_child and f.agency_id = seat.agency_id) as own_number,
             i.name_key = w.name_key as named, w.forename as wanted_forename, w.surname as wanted_surname, w.names,
             w.nhs as wanted_nhs
        from wanted w cross join lateral (
          select c.* from public.referrals_childidentity c
           where c.date_of_birth = w.born and c.birth_day_known
             and (c.name_key = w.name_key or (c.nhs_number <> '' and c.nhs_number = w.nhs)
                  or (c.upn <> '' and c.upn = w.upn) or (c.local_id <> '' and c.local_id = w.local_id)) offset 0) i),
    known as materialized (
      select h.*, own.alike, other.name as other_name, greatest(own.alike, other.alike) as most_alike,
             h.nhs or h.pupil or h.own_number as numbered
        from hit h
        cross join lateral (select max(similarity(h.name_key, n)) as alike from unnest(h.names) n) own
        left join lateral (
          select a as name, similarity(a, n) as alike
            from unnest((referrals_names(h.forename, h.surname, h.aliases))[2:]) a, unnest(h.names) n
           order by 2 desc, 1 limit 1) other on other.alike > own.alike
       where (h.named or h.nhs or h.pupil or h.own_number)
         and exists (select 1 from public.access_record r
                      where r.id = h.record_id and r.partnership_id = seat.partnership_id offset 0)
         and not access_shut(h.record_id)),
    kept as (
      select k.*, referrals_kept_child(k.record_id) as stays,
             row_number() over (partition by k.n order by k.numbered desc, k.most_alike desc, k.record_id) as at
        from known k),
    once as (select k.*, row_number() over (partition by k.n, k.stays order by k.at) as again from kept k)
    select o.n::int, o.at::int, o.stays, c.reference::text, o.forename::text, o.surname::text,
           coalesce(o.other_name, ''), o.date_of_birth, o.birth_day_known, o.nhs,
           o.nhs_number <> '' and o.wanted_nhs <> '' and not o.nhs, o.pupil, o.own_number, array(
             select w || ' ' || p
               from unnest(referrals_all_parts(o.wanted_forename, o.wanted_surname, '')) w, unnest(
                 referrals_all_parts(o.forename, o.surname, coalesce(o.other_name, ''))) p
              where w <> p and referrals_sounds(w) && referrals_sounds(p))
      from once o join public.referrals_child c on c.record_id = o.stays where o.again = 1;
end $$;
revoke all on function referrals_children_meant(text[], text[], text[], date[], text[], text[], text[]) from public;
grant execute on function referrals_children_meant(text[], text[], text[], date[], text[], text[], text[]) to mace_app;
"""
BACK = "drop function referrals_children_meant(text[], text[], text[], date[], text[], text[], text[])"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0051_lists_without_a_child")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
