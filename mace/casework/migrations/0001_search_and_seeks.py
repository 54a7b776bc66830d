"""Finding cases by name, and how lists seek their newest rows.

A policy keeps PostgreSQL from using an index of names, whose operators may not see a row before the policy has. So one
definer function looks. It keeps what the seat holds a grant on before it orders and cuts, so that what is hidden moves
nothing; the rows are then read by key, where the policies check once more.
"""

from django.db import migrations

INDEXES = r"""
create index childidentity_aliases on referrals_childidentity using gin (aliases gin_trgm_ops) where aliases <> '';
create index childidentity_nhs_number on referrals_childidentity (nhs_number) where nhs_number <> '';
create index action_newest on panels_action (partnership_id, created_at desc, id desc);
create index action_newest_of_agency on panels_action (owner_agency_principal, created_at desc, id desc);
create index action_newest_of_owner on panels_action (owner_principal, created_at desc, id desc)
  where owner_principal is not null;
"""
INDEXES_BACK = (
    "drop index childidentity_aliases, childidentity_nhs_number, action_newest, action_newest_of_agency, "
    "action_newest_of_owner"
)

# The seeks are bound by the policies like any other statement of the seat: they are functions only so that their plan is
# kept and has one shape. PostgreSQL cannot know how few rows a policy takes away, expects that nearly all go, and would
# otherwise read all grants of an agency and sort them, to show the newest twenty-five.
KEYS_IN_ORDER = """set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off"""
AFTER = "(coalesce(before, 'infinity'), coalesce(before_key, 9223372036854775807))"
RESULT = "returns table (sort_at timestamptz, record_id bigint) language plpgsql stable"
SEEKS = rf"""
create or replace function access_seek(wanted text, lowest smallint, before timestamptz, before_key bigint, most int)
{RESULT} {KEYS_IN_ORDER} as $$
begin
  return query
    select s.sort_at, s.record_id from unnest((select mace_principals())::int[]) p cross join lateral (
      select g.sort_at, g.record_id from access_grant g
       where g.principal = p and g.kind = wanted and g.scope >= lowest and (g.sort_at, g.record_id) < {AFTER}
       order by g.sort_at desc, g.record_id desc limit most) s
    group by 1, 2 order by 1 desc, 2 desc limit most;
end $$;

create or replace function access_seek_count(wanted text, lowest smallint, cap int) returns bigint
language plpgsql stable {KEYS_IN_ORDER} as $$
begin
  return (
    select count(*) from (
      select distinct s.record_id from unnest((select mace_principals())::int[]) p cross join lateral (
        select g.record_id from access_grant g where g.principal = p and g.kind = wanted and g.scope >= lowest
         order by g.sort_at desc, g.record_id desc limit cap) s) d);
end $$;

-- A referral that was accepted is a case's record as well, and its grants say so; who wrote one keeps seeing it.
create or replace function referrals_seek(before timestamptz, before_key bigint, most int)
{RESULT} {KEYS_IN_ORDER} as $$
begin
  return query
    select s.sort_at, s.record_id from unnest((select mace_principals())::int[]) p cross join lateral (
      (select g.sort_at, g.record_id from access_grant g join referrals_referral r on r.record_id = g.record_id
        where g.principal = p and g.kind = 'referral' and g.scope = 3 and (g.sort_at, g.record_id) < {AFTER}
        order by g.sort_at desc, g.record_id desc limit most)
      union all
      (select g.sort_at, g.record_id from access_grant g join referrals_referral r on r.record_id = g.record_id
        where g.principal = p and g.kind = 'case' and g.scope = 3 and (g.sort_at, g.record_id) < {AFTER}
        order by g.sort_at desc, g.record_id desc limit most)
      union all
      (select r.created_at, r.record_id from referrals_referral r
        where r.written_by_principal = p and (r.created_at, r.record_id) < {AFTER}
        order by r.created_at desc, r.record_id desc limit most)) s
    group by 1, 2 order by 1 desc, 2 desc limit most;
end $$;

-- A seat that sees a partnership's cases finds its newest actions in their own order, and the policy passes nearly all.
create or replace function panels_seek_actions_of(partnership bigint, before timestamptz, before_key bigint, most int)
{RESULT} {KEYS_IN_ORDER} as $$
begin
  return query
    select a.created_at, a.id from panels_action a
     where a.partnership_id = partnership and (a.created_at, a.id) < {AFTER}
     order by a.created_at desc, a.id desc limit most;
end $$;

-- Another finds its own by their owner, and those of records that it holds in full by its grants.
create or replace function panels_seek_actions(before timestamptz, before_key bigint, most int)
{RESULT} {KEYS_IN_ORDER} as $$
begin
  return query
    select s.sort_at, s.record_id from unnest((select mace_principals())::int[]) p cross join lateral (
      (select a.created_at, a.id from panels_action a
        where a.owner_agency_principal = p and (a.created_at, a.id) < {AFTER}
        order by a.created_at desc, a.id desc limit most)
      union all
      (select a.created_at, a.id from panels_action a where a.owner_principal = p and (a.created_at, a.id) < {AFTER}
        order by a.created_at desc, a.id desc limit most)
      union all
      (select a.created_at, a.id from access_grant g join panels_action a on a.record_id = g.record_id
        where g.principal = p and g.scope = 3 and (a.created_at, a.id) < {AFTER}
        order by a.created_at desc, a.id desc limit most)) s (sort_at, record_id)
    group by 1, 2 order by 1 desc, 2 desc limit most;
end $$;
"""  # noqa: S608 (constants)
FUNCTIONS = (
    "access_seek(text, smallint, timestamptz, bigint, int), access_seek_count(text, smallint, int), "
    "referrals_seek(timestamptz, bigint, int), panels_seek_actions_of(bigint, timestamptz, bigint, int), "
    "panels_seek_actions(timestamptz, bigint, int)"
)
SEEKS_MAY_RUN = f"revoke all on function {FUNCTIONS} from public; grant execute on function {FUNCTIONS} to mace_app"
SEEKS_BACK = f"drop function {FUNCTIONS}"

# The settings of pg_trgm are known to the server once one of its functions has run in the session.
SEARCH = r"""
select similarity('a', 'b');

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
      select row_number() over (order by h.alike desc, h.name_key, h.opened_on desc, h.case_id desc), h.case_id
        from held h order by 1;
  end if;
end $$;
revoke all on function casework_case_search(text, text, text, text, int) from public;
grant execute on function casework_case_search(text, text, text, text, int) to mace_app;
"""
SEARCH_BACK = "drop function casework_case_search(text, text, text, text, int)"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_bars_and_emergencies"),
        ("accounts", "0003_timed_holdings"),
        ("panels", "0001_initial"),
        ("referrals", "0002_child_matches"),
    ]
    operations = [
        migrations.RunSQL(INDEXES, INDEXES_BACK),
        migrations.RunSQL([SEEKS, SEEKS_MAY_RUN], SEEKS_BACK),
        migrations.RunSQL(SEARCH, SEARCH_BACK),
    ]
