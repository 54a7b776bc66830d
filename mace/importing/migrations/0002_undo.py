"""Taking back an import as a whole, for the coordinators of its partnership.

``importing_worked_on`` says what of it somebody has changed since; what the worker does by itself (reviews made, owners
chased) does not count and goes with the rest. ``importing_undo`` removes everything that the import made. The history
of what was there stays.
"""

from django.db import migrations

FORWARD = r"""
-- A case takes over the record of the referral that opened it, so the referrals' records are those of the cases too.
create or replace function importing_made_by(imported bigint) returns table (rec bigint, of bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 1000 as $$
  select r.record_id, r.record_id from public.importing_importedrow r
   where r.file_id = imported and r.outcome = 'place'
  union select r.referral_id, r.record_id from public.importing_importedrow r where r.file_id = imported
  union select r.child_id, r.record_id from public.importing_importedrow r where r.file_id = imported and r.made_child $$;
revoke all on function importing_made_by(bigint) from public;

create or replace function importing_worked_on(imported bigint) returns table (reference text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp rows 10 as $$
begin
  if not exists (select 1 from public.importing_import i join public.accounts_membership m on m.id = mace_seat()
      where i.id = imported and i.partnership_id = m.partnership_id and m.role = 'coordinator') then
    raise insufficient_privilege using message = 'no such import';
  end if;
  return query
  with made as (select * from importing_made_by(imported)),
  since as (
    select r.record_id, max(r.wrote_at) as wrote_at from public.importing_importedrow r
     where r.file_id = imported group by r.record_id),
  touched as (
    select distinct m.of from made m join since s on s.record_id = m.of
     where exists (select 1 from public.audit_change c left join public.accounts_membership w on w.id = c.membership_id
             where c.records && array[m.rec] and c.at > s.wrote_at and c.table_name <> 'importing_importedrow'
               and coalesce(w.role, '') <> 'system')
        or exists (select 1 from public.referrals_reviewdraft d where d.record_id = m.rec)
    union
    select distinct a.record_id from public.panels_action a join public.importing_import i on i.id = imported
     where a.operation like i.reference || ':%' and a.version > 1)
  select case when access_shut(t.of) then 'another' else coalesce(c.reference, l.reference, 'another') end::text
    from touched t left join public.referrals_case c on c.record_id = t.of
    left join public.volt_location l on l.record_id = t.of;
end $$;
revoke all on function importing_worked_on(bigint) from public;
grant execute on function importing_worked_on(bigint) to mace_app;

-- ``importing_worked_on`` refuses whoever may not. What else speaks of something that is removed stops it all.
create or replace function importing_undo(imported bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare made bigint[]; named text;
begin
  if exists (select 1 from importing_worked_on(imported)) then
    raise insufficient_privilege using message = 'no such import';
  end if;
  select i.reference into named from public.importing_import i where i.id = imported;
  select array_agg(m.rec) into made from importing_made_by(imported) m;
  delete from public.notifications_message where about = any (made);
  delete from public.panels_chaser c using public.panels_action a
   where c.action_id = a.id and a.operation like named || ':%';
  delete from public.panels_action where operation like named || ':%';
  delete from public.importing_importedcell where file_id = imported;
  delete from public.importing_importedrow where file_id = imported;
  delete from public.referrals_review where record_id = any (made);
  delete from public.referrals_riskassessment where record_id = any (made);
  delete from public.referrals_concern where record_id = any (made);
  delete from public.referrals_referral where record_id = any (made);
  delete from public.referrals_tierperiod where record_id = any (made);
  delete from public.referrals_casesummary where record_id = any (made);
  delete from public.referrals_case where record_id = any (made);
  delete from public.referrals_childprofile where record_id = any (made);
  delete from public.referrals_childidentity where record_id = any (made);
  delete from public.referrals_child where record_id = any (made);
  delete from public.volt_locationaccount where record_id = any (made);
  delete from public.volt_location where record_id = any (made);
  delete from public.access_setaside where record_id = any (made);
  delete from public.access_grant where record_id = any (made);
  delete from public.access_record where id = any (made);
  set constraints all immediate;
end $$;
revoke all on function importing_undo(bigint) from public;
grant execute on function importing_undo(bigint) to mace_app;
"""

BACK = (
    "drop function importing_undo(bigint); drop function importing_worked_on(bigint); "
    "drop function importing_made_by(bigint)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("importing", "0001_initial"),
        ("casework", "0004_saved_views"),
        ("referrals", "0008_protecting_addresses"),
        ("volt", "0004_with_the_case"),
        ("access", "0012_withdrawn_while_restricted"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACK)]
