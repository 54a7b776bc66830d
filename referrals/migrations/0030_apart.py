"""Two records that look like one child and are not: said by who runs both cases, and respected wherever a child is sought."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection

APART = r"""
-- The seat runs both children's cases and holds both in full.
create function referrals_may_compare(one bigint, other bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  return coalesce(seat.role in ('coordinator', 'chair') and access_held(one) = 3 and access_held(other) = 3
     and (select count(*) from public.access_record r where r.id in (one, other) and r.kind = 'child'
             and r.partnership_id = seat.partnership_id) = 2, false);
end $$;

-- Whether the two, or records merged with them, are said to be different children.
create function referrals_said_apart(one bigint, other bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare ones bigint[] := referrals_one_child(one); others bigint[] := referrals_one_child(other);
begin
  return exists (select 1 from public.referrals_childrenapart p
    where p.taken_back_at is null
      and ((p.a_id = any (ones) and p.b_id = any (others)) or (p.a_id = any (others) and p.b_id = any (ones))));
end $$;

-- Says that two children are different; answers the row. Not of children who are merged, and not twice.
create function referrals_say_apart(one bigint, other bigint, why text, said timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare made bigint;
begin
  -- with merging, one at a time, so that nobody says both at once
  perform pg_advisory_xact_lock(hashtext('referrals_childmerge'));
  if one = other or not referrals_may_compare(one, other) or other = any (referrals_one_child(one))
     or referrals_said_apart(one, other) then
    raise insufficient_privilege using message = 'these children cannot be said to be apart';
  end if;
  insert into public.referrals_childrenapart (a_id, b_id, reason, said_by_id, said_at, taken_back_reason)
  values (least(one, other), greatest(one, other), why, mace_seat(), said, '') returning id into made;
  return made;
end $$;

create function referrals_take_back_apart(apart bigint, why text, taken timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare p public.referrals_childrenapart;
begin
  select * into p from public.referrals_childrenapart where id = apart and taken_back_at is null for update;
  if p.id is null or not referrals_may_compare(p.a_id, p.b_id) then
    raise insufficient_privilege using message = 'nothing of the kind was said';
  end if;
  update public.referrals_childrenapart
     set taken_back_at = taken, taken_back_by_id = mace_seat(), taken_back_reason = why where id = apart;
end $$;

-- As before, and not of two children who are said to be different.
create or replace function referrals_merge_children(gone bigint, kept bigint, why text, merged timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare made bigint;
begin
  -- one merge at a time, so that two at once cannot close a circle
  perform pg_advisory_xact_lock(hashtext('referrals_childmerge'));
  if not referrals_may_merge(gone, kept) or kept = any (access_around(array[gone])) or referrals_said_apart(gone, kept) then
    raise insufficient_privilege using message = 'these children cannot be merged';
  end if;
  insert into public.referrals_childmerge (child_id, into_id, reason, merged_by_id, merged_at, undone_reason)
  values (gone, kept, why, mace_seat(), merged, '') returning id into made;
  return made;
end $$;

-- Matches for a child who has a record already, ``besides``: neither it nor who is said to be somebody else. A record that
-- the seat holds nothing of changes nothing.
create function referrals_child_matches(
  wanted_forename text, wanted_surname text, wanted_aliases text, born date, day_known boolean,
  wanted_nhs text, wanted_upn text, wanted_local text, besides bigint)
returns table (child bigint, reference text, forename text, surname text, known_as text, date_of_birth date,
               birth_day_known boolean, same_nhs boolean, other_nhs boolean, same_upn boolean, same_local boolean,
               heard text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 50 as $$
  select m.* from public.referrals_child_matches(wanted_forename, wanted_surname, wanted_aliases, born, day_known,
                                                 wanted_nhs, wanted_upn, wanted_local) m
   where besides is null or access_held(besides) = 0
      or not (m.child = any (referrals_one_child(besides)) or referrals_said_apart(m.child, besides)) $$;

revoke all on function referrals_may_compare(bigint, bigint), referrals_said_apart(bigint, bigint),
  referrals_say_apart(bigint, bigint, text, timestamptz), referrals_take_back_apart(bigint, text, timestamptz),
  referrals_child_matches(text, text, text, date, boolean, text, text, text, bigint) from public;
grant execute on function referrals_say_apart(bigint, bigint, text, timestamptz),
  referrals_take_back_apart(bigint, text, timestamptz),
  referrals_child_matches(text, text, text, date, boolean, text, text, text, bigint) to mace_app;
"""
BACK = r"""
create or replace function referrals_merge_children(gone bigint, kept bigint, why text, merged timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare made bigint;
begin
  perform pg_advisory_xact_lock(hashtext('referrals_childmerge'));
  if not referrals_may_merge(gone, kept) or kept = any (access_around(array[gone])) then
    raise insufficient_privilege using message = 'these children cannot be merged';
  end if;
  insert into public.referrals_childmerge (child_id, into_id, reason, merged_by_id, merged_at, undone_reason)
  values (gone, kept, why, mace_seat(), merged, '') returning id into made;
  return made;
end $$;
drop function referrals_child_matches(text, text, text, date, boolean, text, text, text, bigint),
  referrals_take_back_apart(bigint, text, timestamptz), referrals_say_apart(bigint, bigint, text, timestamptz),
  referrals_said_apart(bigint, bigint), referrals_may_compare(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_cheaper_seat"),
        ("referrals", "0010_list_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChildrenApart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=400)),
                ("said_at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("taken_back_reason", models.CharField(blank=True, max_length=400)),
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
                (
                    "said_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "taken_back_by",
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
                "verbose_name_plural": "children apart",
                "constraints": [
                    mace.core.protection.Protected(
                        add="false",
                        change="false",
                        history=True,
                        name="childrenapart_both_in_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.a_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from access_grant g where g.record_id = {table}.b_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                    ),
                    models.CheckConstraint(condition=models.Q(("a__lt", models.F("b"))), name="apart_lower_key_first"),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="apart_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_back_at__isnull", True), ("taken_back_by__isnull", True)),
                            models.Q(
                                ("taken_back_at__isnull", False),
                                ("taken_back_by__isnull", False),
                                models.Q(("taken_back_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="taken_back_apart_says_who_and_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at__isnull", True)), fields=("a", "b"), name="apart_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(APART, BACK),
    ]
