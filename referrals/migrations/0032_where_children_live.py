"""Addresses over time, further numbers at agencies, the home and the placing authority."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection

ADDRESSES = r"""
-- Whether two addresses are one, as far as writing tells: one may go on with the town or the postcode.
create function referrals_same_address(one text, other text) returns boolean
language sql immutable strict parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select a = b or (length(a) > 4 and starts_with(b, a)) or (length(b) > 4 and starts_with(a, b))
    from (select regexp_replace(lower(one), '[^[:alnum:]]', '', 'g') as a,
                 regexp_replace(lower(other), '[^[:alnum:]]', '', 'g') as b) bare $$;

-- The former address is kept, with its last day, when the child's details come to say another, or none.
create function referrals_keep_address() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare today date := (now() at time zone 'Europe/London')::date;
begin
  if tg_op = 'UPDATE' and new.address = old.address then return null; end if;
  update public.referrals_childaddress set to_on = greatest(today, coalesce(from_on, today))
   where child_id = new.child_id and to_on is null and kind in ('home', 'placement') and address <> new.address;
  if new.address <> '' then
    insert into public.referrals_childaddress (record_id, child_id, kind, address, from_on, source, written_by_id, written_at)
    values (new.record_id, new.child_id, 'home', new.address, case when tg_op = 'UPDATE' then today end,
            'The child’s details', mace_seat(), now())
    on conflict do nothing;
  end if;
  return null;
end $$;

-- What is or was protected is never kept: it is left out without a word.
create function referrals_never_protected() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from public.referrals_protectedaddress p
              where p.child_id = any (referrals_one_child(new.child_id)) and referrals_same_address(p.address, new.address)) then
    return null;
  end if;
  return new;
end $$;

-- What comes to be protected goes from what was kept of it before.
create function referrals_out_of_addresses() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.referrals_childaddress a
   where a.child_id = any (referrals_one_child(new.child_id)) and referrals_same_address(a.address, new.address);
  return null;
end $$;

-- A child's record that goes, when an import is taken back, takes along what the program itself wrote beside it.
create function referrals_child_goes() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.referrals_childaddress where child_id = old.record_id;
  delete from public.referrals_knownelsewhere where child_id = old.record_id;
  return old;
end $$;

revoke all on function referrals_same_address(text, text), referrals_keep_address(), referrals_never_protected(),
  referrals_out_of_addresses(), referrals_child_goes() from public;
create trigger referrals_keep_address after insert or update of address on referrals_childidentity
  for each row execute function referrals_keep_address();
create trigger referrals_never_protected before insert or update of address on referrals_childaddress
  for each row execute function referrals_never_protected();
create trigger referrals_out_of_addresses after insert or update of address on referrals_protectedaddress
  for each row execute function referrals_out_of_addresses();
create trigger referrals_child_goes before delete on referrals_child
  for each row execute function referrals_child_goes();
"""
ADDRESSES_BACK = """
drop trigger referrals_child_goes on referrals_child;
drop trigger referrals_out_of_addresses on referrals_protectedaddress;
drop trigger referrals_never_protected on referrals_childaddress;
drop trigger referrals_keep_address on referrals_childidentity;
drop function referrals_child_goes(), referrals_out_of_addresses(), referrals_never_protected(), referrals_keep_address(),
  referrals_same_address(text, text);
"""

RECORDS = r"""
-- As before, and by further numbers at the seat's own agency too.
create or replace function referrals_matching_records(
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
      select n.record_id from public.referrals_childnumber n where n.number = wanted_local and n.agency_id = seat.agency_id
      union
      select i.record_id from public.referrals_childidentity i
       where i.date_of_birth in (born, swapped) and similarity(i.name_key, names[1]) >= 0.3
      union
      select i.record_id from public.referrals_childidentity i
       where referrals_match_keys(i.forename, i.surname, i.aliases, array[i.date_of_birth]) collate "C" && keys),
    likely as materialized (
      select i.*, own.alike, other.name as other_name, greatest(own.alike, other.alike) as most_alike,
             i.nhs_number <> '' and i.nhs_number = wanted_nhs as nhs, i.upn <> '' and i.upn = wanted_upn as pupil,
             (i.local_id <> '' and i.local_id = wanted_local and exists (
               select 1 from public.referrals_referral f
                where f.child_id = i.child_id and f.made_child and f.agency_id = seat.agency_id))
             or (wanted_local <> '' and exists (
               select 1 from public.referrals_childnumber n
                where n.child_id = i.child_id and n.number = wanted_local and n.agency_id = seat.agency_id)) as own_number
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
"""
RECORDS_BACK = r"""
create or replace function referrals_matching_records(
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_withdrawn_while_restricted"),
        ("accounts", "0007_cheaper_seat"),
        ("agencies", "0002_seats"),
        ("referrals", "0031_elsewhere"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChildAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("home", "Home"),
                            ("placement", "Placement"),
                            ("other_parent", "Other parent"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("address", models.CharField(max_length=300)),
                ("from_on", models.DateField(blank=True, null=True)),
                ("to_on", models.DateField(blank=True, null=True)),
                ("source", models.CharField(max_length=200)),
                ("written_at", models.DateTimeField()),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="addresses", to="referrals.child"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
                (
                    "written_by",
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
                "verbose_name_plural": "child addresses",
                "indexes": [models.Index(fields=["child"], name="childaddress_child")],
                "constraints": [
                    mace.core.protection.Protected(
                        history=True,
                        name="childaddress_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and not referrals_address_protected({table}.child_id)",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("address", ""), _negated=True), name="address_says_where"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", True),
                            ("from_on__isnull", True),
                            ("to_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="address_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ("home", "placement")), ("to_on__isnull", True)),
                        fields=("child",),
                        name="child_lives_at_one_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChildAuthority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(blank=True, null=True)),
                ("told_on", models.DateField(blank=True, null=True)),
                ("told_by", models.CharField(blank=True, max_length=120)),
                ("written_at", models.DateTimeField()),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="authorities", to="referrals.child"
                    ),
                ),
                (
                    "home",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.localauthority"
                    ),
                ),
                (
                    "placing",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.localauthority",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "child authorities",
                "constraints": [
                    mace.core.protection.Protected(
                        history=True,
                        name="childauthority_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", True), ("to_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="authority_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("told_by", ""), ("told_on__isnull", True)),
                            models.Q(("told_on__isnull", False), models.Q(("told_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="home_authority_told_when_and_by_whom",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("to_on__isnull", True)),
                        fields=("child",),
                        name="child_has_one_home_authority",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChildNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40)),
                ("written_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.agency"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="numbers", to="referrals.child"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["number", "agency"], name="childnumber_number")],
                "constraints": [
                    mace.core.protection.Protected(
                        add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                        change="false",
                        history=True,
                        name="childnumber_granted",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 1 offset 0)",
                    ),
                    models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="number_says_which"),
                    models.UniqueConstraint(fields=("child", "agency", "number"), name="childnumber_once"),
                ],
            },
        ),
        migrations.RunSQL(ADDRESSES, ADDRESSES_BACK),
        migrations.RunSQL(RECORDS, RECORDS_BACK),
    ]
