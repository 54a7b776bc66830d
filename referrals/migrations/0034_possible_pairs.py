"""Pairs of records that may be one child, found at night and kept until somebody decides."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection

PAIRS = r"""
-- Whom the worker compares next: whose record is new, or says something else of who the child is.
create function referrals_compare_again() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.referrals_childtocompare (record_id, since) values (new.record_id, now()) on conflict do nothing;
  return null;
end $$;
create trigger referrals_compare_again
  after insert or update of forename, surname, aliases, date_of_birth, birth_day_known, nhs_number, upn, local_id
  on referrals_childidentity for each row execute function referrals_compare_again();

-- Keeps a pair that was found, for the worker of their partnership, which holds both; answers whether it is new. Not of
-- children who are merged or said to be different.
create function referrals_note_pair(one bigint, other bigint, noted timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; made bigint;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role is distinct from 'system' then
    raise insufficient_privilege using message = 'for the worker only';
  end if;
  if one = other or access_held(one) < 3 or access_held(other) < 3
     or (select count(*) from public.access_record r where r.id in (one, other) and r.kind = 'child'
            and r.partnership_id = seat.partnership_id) <> 2 then return false; end if;
  if other = any (referrals_one_child(one)) or referrals_said_apart(one, other) then return false; end if;
  insert into public.referrals_possiblepair (a_id, b_id, found_at, decision)
  values (least(one, other), greatest(one, other), noted, '') on conflict do nothing returning id into made;
  return made is not null;
end $$;

-- What is decided of two records is decided of the pair, until it is undone.
create function referrals_pair_decided() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare one bigint; other bigint; stands boolean; word text;
begin
  if tg_table_name = 'referrals_childmerge' then
    one := new.child_id; other := new.into_id; stands := new.undone_at is null; word := 'merged';
  else
    one := new.a_id; other := new.b_id; stands := new.taken_back_at is null; word := 'apart';
  end if;
  update public.referrals_possiblepair set decision = case when stands then word else '' end
   where a_id = least(one, other) and b_id = greatest(one, other);
  return null;
end $$;
create trigger referrals_pair_decided after insert or update on referrals_childmerge
  for each row execute function referrals_pair_decided();
create trigger referrals_pair_decided after insert or update on referrals_childrenapart
  for each row execute function referrals_pair_decided();

-- As before, with what else the program itself writes beside a child.
create or replace function referrals_child_goes() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.referrals_childaddress where child_id = old.record_id;
  delete from public.referrals_knownelsewhere where child_id = old.record_id;
  delete from public.referrals_childtocompare where record_id = old.record_id;
  delete from public.referrals_possiblepair where old.record_id in (a_id, b_id);
  return old;
end $$;
revoke all on function referrals_compare_again(), referrals_note_pair(bigint, bigint, timestamptz),
  referrals_pair_decided() from public;
grant execute on function referrals_note_pair(bigint, bigint, timestamptz) to mace_app;
"""
PAIRS_BACK = """
create or replace function referrals_child_goes() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.referrals_childaddress where child_id = old.record_id;
  delete from public.referrals_knownelsewhere where child_id = old.record_id;
  return old;
end $$;
drop trigger referrals_pair_decided on referrals_childrenapart;
drop trigger referrals_pair_decided on referrals_childmerge;
drop trigger referrals_compare_again on referrals_childidentity;
drop function referrals_pair_decided(), referrals_note_pair(bigint, bigint, timestamptz), referrals_compare_again();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_withdrawn_while_restricted"),
        ("referrals", "0033_present_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChildToCompare",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="access.record",
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "children to compare",
                "constraints": [
                    mace.core.protection.Protected(
                        add="false",
                        history=False,
                        name="childtocompare_worker",
                        remove="(select mace_role()) = 'system' and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                        see="(select mace_role()) = 'system' and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PossiblePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("found_at", models.DateTimeField()),
                (
                    "decision",
                    models.CharField(
                        blank=True, choices=[("merged", "One child"), ("apart", "Different children")], max_length=6
                    ),
                ),
                (
                    "a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="referrals.child"
                    ),
                ),
                (
                    "b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="referrals.child"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("decision", "")), fields=["-found_at", "-id"], name="pair_undecided"
                    ),
                    models.Index(fields=["b"], name="pair_other"),
                ],
                "constraints": [
                    mace.core.protection.Protected(
                        add="false",
                        change="false",
                        history=True,
                        name="possiblepair_both_in_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.a_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from access_grant g where g.record_id = {table}.b_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                    ),
                    models.CheckConstraint(condition=models.Q(("a__lt", models.F("b"))), name="pair_lower_key_first"),
                    models.UniqueConstraint(fields=("a", "b"), name="pair_once"),
                ],
            },
        ),
        migrations.RunSQL(PAIRS, PAIRS_BACK),
    ]
