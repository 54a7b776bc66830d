"""Another partnership may know the child: the bare fact for the coordinators of both sides, and what one asks the other."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection
import mace.core.references

ELSEWHERE = r"""
-- Which other partnerships may know this child: by the same NHS number, or by the same date of birth (or day and month
-- swapped) and nearly the same name, unless the NHS numbers differ. Writes the bare fact for both sides, and answers the
-- partnerships that are new. For the worker alone, of a child of its own partnership. What is restricted on either side is
-- as absent as what does not exist.
create function referrals_find_elsewhere(wanted bigint, noted timestamptz) returns setof bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as $$
declare seat public.accounts_membership; me public.referrals_childidentity; days date[];
begin
  select * into seat from public.accounts_membership m where m.id = mace_seat();
  if seat.role is distinct from 'system' or access_held(wanted) < 3 or not exists (
       select 1 from public.access_record r where r.id = wanted and r.kind = 'child' and r.partnership_id = seat.partnership_id) then
    raise insufficient_privilege using message = 'no such child';
  end if;
  select * into me from public.referrals_childidentity i where i.record_id = wanted;
  if me.record_id is null or exists (
       select 1 from public.access_record r where r.restricted and r.id = any (access_around(array[wanted]))) then
    return;
  end if;
  days := array[me.date_of_birth, case when extract(day from me.date_of_birth) <= 12 then make_date(
    extract(year from me.date_of_birth)::int, extract(day from me.date_of_birth)::int,
    extract(month from me.date_of_birth)::int) else me.date_of_birth end];
  return query
    with hit as materialized (
      select i.record_id from public.referrals_childidentity i where i.nhs_number = me.nhs_number and i.nhs_number <> ''
      union
      select i.record_id from public.referrals_childidentity i
       where referrals_match_keys(i.forename, i.surname, i.aliases, array[i.date_of_birth]) collate "C"
             && array(select k from unnest(referrals_match_keys(me.forename, me.surname, me.aliases, days)) k where k like '%@%')),
    strong as materialized (
      select i.record_id, r.partnership_id from hit h
        join public.referrals_childidentity i on i.record_id = h.record_id
        join public.access_record r on r.id = i.record_id
       where r.partnership_id <> seat.partnership_id
         and ((i.nhs_number = me.nhs_number and i.nhs_number <> '')
           or (i.date_of_birth = any (days) and i.birth_day_known and me.birth_day_known
               and not (i.nhs_number <> '' and me.nhs_number <> '' and i.nhs_number <> me.nhs_number)
               and (similarity(i.name_key, me.name_key) >= 0.6
                 or (referrals_sounds(split_part(i.name_key, ' ', 1)) && referrals_sounds(split_part(me.name_key, ' ', 1))
                     and referrals_sounds(substring(i.name_key from '[^ ]*$')) && referrals_sounds(substring(me.name_key from '[^ ]*$'))))))),
    told as materialized (
      select s.record_id, s.partnership_id from strong s
       where not exists (select 1 from public.access_record x where x.restricted and x.id = any (access_around(array[s.record_id])))),
    theirs as (
      insert into public.referrals_knownelsewhere (record_id, child_id, elsewhere_id, found_at)
      select t.record_id, t.record_id, seat.partnership_id, noted from told t on conflict do nothing returning 1),
    ours as (
      insert into public.referrals_knownelsewhere (record_id, child_id, elsewhere_id, found_at)
      select distinct wanted, wanted, t.partnership_id, noted from told t on conflict do nothing returning elsewhere_id)
    select distinct t.partnership_id from told t
     where exists (select 1 from ours o where o.elsewhere_id = t.partnership_id) or exists (select 1 from theirs);
end $$;
revoke all on function referrals_find_elsewhere(bigint, timestamptz) from public;
grant execute on function referrals_find_elsewhere(bigint, timestamptz) to mace_app;

-- What was asked stays as it was asked, and is answered once.
create function referrals_question_fixed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if old.answered_at is not null or (to_jsonb(new) - '{answer,answer_reason,answered_by_id,answered_at}'::text[])
       is distinct from (to_jsonb(old) - '{answer,answer_reason,answered_by_id,answered_at}'::text[]) then
    raise insufficient_privilege using message = 'a question is answered once and not changed';
  end if;
  return new;
end $$;
revoke all on function referrals_question_fixed() from public;
create trigger referrals_question_fixed before update on referrals_childquestion
  for each row execute function referrals_question_fixed();
"""
BACK = """
drop trigger referrals_question_fixed on referrals_childquestion;
drop function referrals_question_fixed(), referrals_find_elsewhere(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_withdrawn_while_restricted"),
        ("accounts", "0007_cheaper_seat"),
        ("agencies", "0002_seats"),
        ("referrals", "0030_apart"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChildQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(default=mace.core.references.question_reference, max_length=12, unique=True),
                ),
                ("forename", models.CharField(max_length=80)),
                ("surname", models.CharField(max_length=80)),
                ("date_of_birth", models.DateField()),
                ("nhs_number", models.CharField(blank=True, max_length=10, verbose_name="NHS number")),
                ("reason", models.CharField(max_length=400)),
                (
                    "lawful_basis",
                    models.CharField(
                        choices=[
                            ("public_task", "Public task: safeguarding duties (Children Act 2004, sections 10 and 11)"),
                            ("legal_obligation", "Legal obligation"),
                            ("crime", "Prevention or detection of crime (Crime and Disorder Act 1998, section 115)"),
                            ("vital", "Vital interests: risk of serious harm"),
                        ],
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("will_contact", "We know the child and will contact you"),
                            ("cannot_share", "We know the child and cannot share anything now"),
                            ("not_known", "We do not know the child"),
                        ],
                        max_length=12,
                    ),
                ),
                ("answer_reason", models.CharField(blank=True, max_length=400)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.partnership"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.partnership"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["asked", "-asked_at"], name="question_asked")],
                "constraints": [
                    mace.core.protection.Protected(
                        add="({table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) and m.role in ('coordinator', 'system')) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0))",
                        change="{table}.asked_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) and m.role in ('coordinator', 'system'))",
                        history=False,
                        name="childquestion_coordinators",
                        see="{table}.asked_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) and m.role in ('coordinator', 'system')) or ({table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) and m.role in ('coordinator', 'system')) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0))",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("partnership", models.F("asked")), _negated=True),
                        name="question_asks_others",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="question_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_question_says_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", "cannot_share"), _negated=True),
                            models.Q(("answer_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="not_sharing_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("record", "asked"),
                        name="one_open_question",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownElsewhere",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("found_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="referrals.child"
                    ),
                ),
                (
                    "elsewhere",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.partnership"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "known elsewhere",
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at__isnull", True)), fields=["record"], name="known_elsewhere_untold"
                    )
                ],
                "constraints": [
                    mace.core.protection.Protected(
                        add="false",
                        change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and (select mace_role()) = 'system'",
                        history=False,
                        name="knownelsewhere_coordinators",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and (select mace_role()) in ('coordinator', 'system')",
                    ),
                    models.UniqueConstraint(fields=("child", "elsewhere"), name="known_elsewhere_once"),
                ],
            },
        ),
        migrations.RunSQL(ELSEWHERE, BACK),
    ]
