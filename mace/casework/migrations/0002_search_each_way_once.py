"""Finding cases by name, cheaper: each way of finding asks its own index, and how alike is worked out for what is held.

One condition with ``or`` had PostgreSQL compare every name twice more than its index had, hidden ones too. What is found,
what is kept and in what order stays as it was.
"""

from django.db import migrations

HEAD = r"""
create or replace function casework_case_search(
  wanted_reference text, wanted_number text, wanted_name text, wanted_alias text, most int)
returns table (place bigint, record_id bigint)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, public, pg_temp
set pg_trgm.word_similarity_threshold = 0.5
set plan_cache_mode = force_custom_plan as $$
declare
  mine int[] := mace_principals();
  barred bigint[] := mace_barred();
  inside text := '%' || replace(replace(replace(wanted_name, '\', '\\'), '%', '\%'), '_', '\_') || '%';
  alias text := '%' || replace(replace(replace(wanted_alias, '\', '\\'), '%', '\%'), '_', '\_') || '%';
begin
  if mine is null then return; end if;
  if wanted_reference <> '' then
    return query
      select 1::bigint, c.record_id from public.referrals_case c
       where c.reference = wanted_reference
         and exists (select 1 from public.access_grant g where g.record_id = c.record_id and (g.principal + 0) = any (mine)
                        and (g.until is null or g.until > now()) and g.record_id <> all (barred) offset 0);
  elsif wanted_number <> '' then
    return query
      select row_number() over (order by c.opened_on desc, c.record_id desc), c.record_id
        from public.referrals_childidentity i join public.referrals_case c on c.child_id = i.child_id
       where i.nhs_number = wanted_number and i.nhs_number <> ''
         and exists (select 1 from public.access_grant g where g.record_id = c.record_id and (g.principal + 0) = any (mine)
                        and (g.until is null or g.until > now()) and g.record_id <> all (barred) offset 0)
       order by 1 limit most;
  elsif wanted_name <> '' then
    if length(wanted_name) < 3 then inside := substr(inside, 2); end if;  -- two letters begin a name: an index needs three
    return query
"""
NAMES = r"""
      with hit as materialized (
        select i.child_id, i.name_key from public.referrals_childidentity i where i.name_key like inside
        union
        select i.child_id, i.name_key from public.referrals_childidentity i where wanted_name <% i.name_key
        union
        select i.child_id, i.name_key from public.referrals_childidentity i
         where length(wanted_name) < 3 and i.name_key like '% ' || inside
        union
        select i.child_id, i.name_key from public.referrals_childidentity i
         where i.aliases <> '' and length(wanted_name) >= 3 and i.aliases ilike alias),
      held as (
        select h.name_key, word_similarity(wanted_name, h.name_key) as alike, c.record_id as case_id, c.opened_on
          from hit h join public.referrals_case c on c.child_id = h.child_id
         where exists (select 1 from public.access_grant g where g.record_id = c.record_id
                          and (g.principal + 0) = any (mine) and (g.until is null or g.until > now())
                          and g.record_id <> all (barred) offset 0)
         order by 2 desc, 1, c.opened_on desc, c.record_id desc limit most)
"""
NAMES_BEFORE = r"""
      with hit as materialized (
        select i.child_id, i.name_key, word_similarity(wanted_name, i.name_key) as alike
          from public.referrals_childidentity i
         where i.name_key like inside or wanted_name <% i.name_key
            or (length(wanted_name) < 3 and i.name_key like '% ' || inside)
            or (i.aliases <> '' and length(wanted_name) >= 3 and i.aliases ilike alias)),
      held as (
        select h.*, c.record_id as case_id, c.opened_on from hit h join public.referrals_case c on c.child_id = h.child_id
         where exists (select 1 from public.access_grant g where g.record_id = c.record_id
                          and (g.principal + 0) = any (mine) and (g.until is null or g.until > now())
                          and g.record_id <> all (barred) offset 0)
         order by h.alike desc, h.name_key, c.opened_on desc, c.record_id desc limit most)
"""
TAIL = r"""
      select row_number() over (order by h.alike desc, h.name_key, h.opened_on desc, h.case_id desc), h.case_id
        from held h order by 1;
  end if;
end $$;
"""
# The settings of pg_trgm are known to the server once one of its functions has run in the session.
KNOWN = "select similarity('a', 'b')"


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_search_and_seeks")]
    operations = [migrations.RunSQL([KNOWN, HEAD + NAMES + TAIL], [KNOWN, HEAD + NAMES_BEFORE + TAIL])]
