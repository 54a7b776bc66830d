"""People named for as long as their agency sees a record go on with it for no longer and no wider than the agency does.

Before, they went on at the scope they had: when a decision to share in full ended and one to share a summary was left,
who had been named in full came to see the whole record again, until the end of the summary. And where neither had an
end (an agency that leads no longer, but is still invited to something), they went on as if nothing had changed.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("mace.access.migrations.0009_named_with_their_agency").SHARING
OLD = """
  update public.access_grant g set until = lasts
    from public.agencies_agency a join public.accounts_membership m on m.agency_id = a.id, public.access_grant held
   where a.principal = prin and m.partnership_id = r.partnership_id and held.record_id = rec and held.principal = prin
     and g.record_id = rec and g.principal = m.principal and held.until is not null and g.until = held.until
     and g.until is distinct from lasts;
"""
NEW = """
  update public.access_grant g set until = lasts, scope = least(g.scope, new_scope)
    from public.agencies_agency a join public.accounts_membership m on m.agency_id = a.id, public.access_grant held
   where a.principal = prin and m.partnership_id = r.partnership_id and held.record_id = rec and held.principal = prin
     and g.record_id = rec and g.principal = m.principal
     and (g.until = held.until
          or coalesce(g.until, held.until) is null and m.role in ('agency_lead', 'agency_member', 'auditor')
             and exists (select 1 from public.access_namedperson n
                          where n.content_object_id = rec and n.user_id = m.user_id));
"""


def changed(text: str) -> str:
    """The function as it was, but for that statement."""
    if text.count(OLD) != 1:
        raise ValueError("the statement does not stand once in the function")
    return text.replace(OLD, NEW)


class Migration(migrations.Migration):
    dependencies = [("access", "0010_own_line_only")]
    operations = [migrations.RunSQL(changed(BEFORE), BEFORE)]
