"""Rights that nothing uses are taken back: what only functions of the owner write, and who confirms an address."""

from django.db import migrations

FORWARD = r"""
-- where a policy lets nobody by, there is no right to ask it with
do $$
declare p record;
begin
  for p in select tablename, policyname, cmd from pg_policies
            where schemaname = 'public' and cmd in ('INSERT', 'UPDATE') and with_check = 'false' loop
    execute format('drop policy %I on public.%I', p.policyname, p.tablename);
    execute format('revoke %s on public.%I from mace_app', p.cmd, p.tablename);
  end loop;
end $$;

-- addresses are given with the account and confirmed by nobody
revoke all on account_emailconfirmation from mace_app;
revoke delete on account_emailaddress from mace_app;
"""

BACK = r"""
grant select, insert, update, delete on account_emailconfirmation, account_emailaddress to mace_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0002_search_each_way_once"),
        ("access", "0010_own_line_only"),
        ("accounts", "0006_emergencies_untold"),
        ("audit", "0003_unforgeable_and_sealed"),
        ("dashboards", "0001_initial"),
        ("notifications", "0002_about"),
        ("panels", "0006_standing"),
        ("referrals", "0008_protecting_addresses"),
        ("volt", "0003_around_a_person"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACK)]
