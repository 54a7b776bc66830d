"""A further referral of a child whose case is open joins that case.

Who sees the case in full then sees the referral, and withdrawing an agency from the case withdraws it from the referral.
Only a seat that holds both in full and may screen referrals can do it.
"""

from django.db import migrations

FORWARD = r"""
create or replace function referrals_join_case(referral bigint, joined bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null or seat.role not in ('coordinator', 'chair', 'system') or (
       select count(distinct g.record_id) from public.access_grant g
        where (g.record_id, g.kind) in ((referral, 'referral'), (joined, 'case')) and g.scope = 3 and g.principal = any (mine)) <> 2
  then raise insufficient_privilege using message = 'no such record'; end if;
  update public.access_record set within_id = joined where id = referral;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at)
    select referral, g.principal, r.kind, g.scope, r.sort_at from public.access_grant g, public.access_record r
     where g.record_id = joined and g.scope = 3 and r.id = referral
  on conflict (record_id, principal) do update set scope = excluded.scope where public.access_grant.scope <> excluded.scope;
end $$;
revoke all on function referrals_join_case(bigint, bigint) from public;
grant execute on function referrals_join_case(bigint, bigint) to mace_app;
"""

BACK = "drop function referrals_join_case(bigint, bigint)"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_reference_data")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
