"""A safety plan has steps or a file; emergency access to a closed case gives the file of its last plan."""

from django.db import migrations

LAST_FILE = r"""
create or replace function referrals_is_last_plan_file(rec bigint, file bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return coalesce(file = (select p.attachment_id from public.referrals_safetyplan p where p.record_id = rec
                           order by p.version desc limit 1), false);
end $$;
revoke all on function referrals_is_last_plan_file(bigint, bigint) from public;
grant execute on function referrals_is_last_plan_file(bigint, bigint) to mace_app;
"""

# Asked when the transaction ends: the plan is written before its steps. Plans of before are left as they are.
HAS_STEPS = r"""
create or replace function referrals_plan_has_steps() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare wanted bigint;
begin
  if tg_table_name = 'referrals_safetyplan' then wanted := new.id; else wanted := old.plan_id; end if;
  if exists (select 1 from public.referrals_safetyplan p where p.id = wanted and p.attachment_id is null
               and not exists (select 1 from public.referrals_planstep s where s.plan_id = p.id)) then
    raise check_violation using message = 'a safety plan has steps or a file', constraint = 'plan_has_steps_or_a_file';
  end if;
  return null;
end $$;
revoke all on function referrals_plan_has_steps() from public;

create constraint trigger referrals_safetyplan_has_steps after insert or update of attachment_id
  on referrals_safetyplan deferrable initially deferred for each row execute function referrals_plan_has_steps();
create constraint trigger referrals_planstep_leaves_steps after delete or update of plan_id
  on referrals_planstep deferrable initially deferred for each row execute function referrals_plan_has_steps();
"""
HAS_STEPS_BACK = """
drop trigger referrals_planstep_leaves_steps on referrals_planstep;
drop trigger referrals_safetyplan_has_steps on referrals_safetyplan;
drop function referrals_plan_has_steps();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0070_pathways")]
    operations = [
        migrations.RunSQL(LAST_FILE, "drop function referrals_is_last_plan_file(bigint, bigint)"),
        migrations.RunSQL(HAS_STEPS, HAS_STEPS_BACK),
    ]
