"""Who comes to lead a case holds what is linked to it, and who leaves holds it only where another case of theirs is."""

from django.db import migrations

FOLLOW = r"""
-- What is linked to a case, for its lead professional and team and for those who were: the former hold it as they hold
-- the case, the latter no more, but for what is linked to a case or referral that they hold and what they are named on.
create or replace function volt_follow_case(rec bigint, former int[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare linked bigint[];
begin
  if coalesce(mace_role(), '') not in ('coordinator', 'chair', 'system') or access_held(rec) < 3 then
    raise insufficient_privilege using message = 'no such case';
  end if;
  select array_agg(case when l.a_id = rec then l.b_id else l.a_id end) into linked
    from public.volt_link l where rec in (l.a_id, l.b_id);
  delete from public.access_grant g
   where g.record_id = any (linked) and g.principal = any (former)
     and not exists (
       select 1 from public.volt_link l join public.access_grant k on k.record_id in (l.a_id, l.b_id)
        where g.record_id in (l.a_id, l.b_id) and k.principal = g.principal and k.kind in ('case', 'referral'))
     and not exists (
       select 1 from public.access_namedperson n join public.accounts_membership m on m.user_id = n.user_id
        where n.content_object_id = g.record_id and m.principal = g.principal);
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
    select distinct v.id, h.principal, v.kind, 3, v.sort_at
      from public.access_record v, public.access_grant h, public.referrals_case c
      left join public.accounts_membership m on m.id = c.lead_professional_id
      left join public.agencies_team t on t.id = c.team_id
     where v.id = any (linked) and c.record_id = rec and h.record_id = rec and h.scope = 3
       and h.principal in (m.principal, t.principal)
  on conflict (record_id, principal) do update set scope = 3, until = null
    where (public.access_grant.scope, public.access_grant.until) is distinct from (3, null);
end $$;
revoke all on function volt_follow_case(bigint, int[]) from public;
grant execute on function volt_follow_case(bigint, int[]) to mace_app;
"""


class Migration(migrations.Migration):
    dependencies = [("volt", "0003_around_a_person"), ("referrals", "0008_protecting_addresses")]
    operations = [migrations.RunSQL(FOLLOW, "drop function volt_follow_case(bigint, int[])")]
