"""Who leads each case now, since the history's last change of the lead professional or since the case opened.

Who led it before stays in the change history. Nobody is asked to acknowledge notes that were never written.
"""

from django.db import migrations

FILL = """
insert into referrals_leadperiod (record_id, case_id, lead_id, manager_id, from_on, to_on, why, note, outstanding)
select c.record_id, c.record_id, c.lead_professional_id,
       (select m.id from accounts_membership m where m.team_id = c.team_id and m.role = 'manager'
          and m.from_on <= current_date and (m.until_on is null or m.until_on >= current_date) order by m.id limit 1),
       least(greatest(coalesce((select max(h.at at time zone 'Europe/London')::date from audit_change h
          where h.table_name = 'referrals_case' and h.row_key = c.record_id::text and h.operation = 'update'
            and h.after ? 'lead_professional_id'), c.opened_on), c.opened_on), coalesce(c.closed_on, 'infinity')),
       c.closed_on, '', '', ''
  from referrals_case c
 where not exists (select 1 from referrals_leadperiod l where l.case_id = c.record_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_cheaper_seat"),
        ("audit", "0001_initial"),
        ("referrals", "0043_escalation_criteria"),
    ]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
