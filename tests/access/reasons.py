"""Every reason for which somebody may hold a record, as SQL over what the rest of the program writes.

It reads decisions, names, posts and emergencies, never grants: so it can be held against the grants, both ways.
"""

from __future__ import annotations

IN_FORCE = "d.withdrawn_at is null and (d.ends_on is null or d.ends_on >= (now() at time zone 'Europe/London')::date)"
LIVE = "(g.until is null or g.until > now())"

REASONS = f"""
with works as (  -- who works with a child: lead professional and team, of the case and in what hangs on it
  select c.record_id as root, m.principal from referrals_case c
    join accounts_membership m on m.id = c.lead_professional_id
  union select c.record_id, t.principal from referrals_case c join agencies_team t on t.id = c.team_id
  union select r.record_id, r.written_by_principal from referrals_referral r
  union select r.record_id, t.principal from referrals_referral r join agencies_team t on t.id = r.team_id),
sees_meeting as (
  select i.meeting_id, v.agency_principal as principal from panels_iteminvitation v
    join panels_agendaitem i on i.record_id = v.item_id
  union select i.meeting_id, w.principal from panels_agendaitem i join works w on w.root = i.subject_id),
chaired as (
  select i.subject_id as root, p.principal from panels_agendaitem i join panels_meeting m on m.record_id = i.meeting_id
    join panels_panel p on p.id = m.panel_id where i.subject_id is not null),
tied as (  -- a place, a person or a theme, and what it is linked with
  select a_id as root, b_id as other from volt_link union select b_id, a_id from volt_link),
reason (record_id, principal, scope, why) as (
  select r.id, p.principal, 3, 'coordinators' from access_record r
    join agencies_partnership p on p.id = r.partnership_id where r.kind <> 'address'
  union all select r.id, m.principal, 3, 'system' from access_record r join accounts_membership m
    on m.partnership_id = r.partnership_id and m.role = 'system'
  union all select d.record_id, d.agency_principal, d.scope, 'decision' from access_disclosure d where {IN_FORCE}
  union all select r.id, d.agency_principal, 3, 'referral within' from access_disclosure d
    join access_record r on r.within_id = d.record_id and r.kind = 'referral' where d.scope = 3 and {IN_FORCE}
  union all select v.item_id, v.agency_principal, v.scope, 'invitation' from panels_iteminvitation v
    join access_disclosure d on d.id = v.disclosure_id where {IN_FORCE}
  union all select meeting_id, principal, 1, 'meeting' from sees_meeting
  union all select i.record_id, s.principal, 1, 'standing item' from sees_meeting s
    join panels_agendaitem i on i.meeting_id = s.meeting_id and i.strand = 'standing'
  union all select root, principal, 3, 'works' from works
  union all select r.id, w.principal, 3, 'works within' from works w
    join access_record r on r.within_id = w.root and r.kind in ('referral', 'item')
  union all select t.other, w.principal, 3, 'works, linked' from works w join tied t on t.root = w.root
  union all select m.record_id, p.principal, 3, 'panel' from panels_meeting m join panels_panel p on p.id = m.panel_id
  union all select i.record_id, p.principal, 3, 'panel' from panels_agendaitem i
    join panels_meeting m on m.record_id = i.meeting_id join panels_panel p on p.id = m.panel_id
  union all select root, principal, 3, 'panel, subject' from chaired
  union all select r.id, c.principal, 3, 'panel, within' from chaired c
    join access_record r on r.within_id = c.root and r.kind = 'referral'
  union all select t.other, c.principal, 3, 'panel, linked' from chaired c join tied t on t.root = c.root
  union all select v.record_id, m.principal, 3, 'recorded' from (
      select record_id, created_by_id from volt_personofconcern union all
      select record_id, created_by_id from volt_location union all
      select record_id, created_by_id from volt_theme union all
      select record_id, created_by_id from volt_peergroup) v
    join accounts_membership m on m.id = v.created_by_id
  union all select r.id, m.principal, 3, 'opened' from access_record r join accounts_membership m
    on m.partnership_id = r.partnership_id and m.role in ('coordinator', 'chair') where r.kind in ('meeting', 'item')
  union all select n.content_object_id, m.principal, 3, 'named' from access_namedperson n
    join accounts_membership m on m.user_id = n.user_id
  union all select r.id, m.principal, 3, 'named within' from access_namedperson n
    join accounts_membership m on m.user_id = n.user_id
    join access_record r on r.within_id = n.content_object_id and r.kind = 'referral'
  union all select a.id, m.principal, 3, 'on the list' from access_namedperson n
    join accounts_membership m on m.user_id = n.user_id
    join access_record r on r.id = n.content_object_id and r.restricted
    join access_record a on a.id = any (access_around(array[r.id]))
  union all select e.record_id, e.principal, e.scope, 'emergency' from access_emergencyaccess e
  union all select r.id, e.principal, 3, 'emergency, within' from access_emergencyaccess e
    join access_record r on r.within_id = e.record_id where e.scope = 3)
"""

UNEXPLAINED = f"""{REASONS}
select r.kind, g.principal, g.scope, g.record_id from access_grant g join access_record r on r.id = g.record_id
 where {LIVE} and r.kind <> 'child' and not exists (
   select 1 from reason x where x.record_id = g.record_id and x.principal = g.principal and x.scope >= g.scope)
union all
select 'child', g.principal, g.scope, g.record_id from access_grant g join access_record r on r.id = g.record_id
 where {LIVE} and r.kind = 'child' and g.scope is distinct from (
   select max(k.scope) from access_grant k join access_record a on a.id = k.record_id
    where a.about_id = g.record_id and k.principal = g.principal and (k.until is null or k.until > now()))
 order by 1, 2"""
"""Grants for which nothing speaks."""

WITHOUT_A_GRANT = f"""{REASONS}
select x.why, x.record_id, x.principal, x.scope from reason x join access_record r on r.id = x.record_id
 where not r.restricted and x.why in ('decision', 'referral within', 'invitation', 'works', 'named', 'recorded')
   and (x.why <> 'works' or r.kind = 'case')
   and (x.why <> 'named' or exists (
          select 1 from accounts_membership m join access_namedperson n on n.user_id = m.user_id
          where m.principal = x.principal and n.content_object_id = x.record_id
            and not exists (select 1 from accounts_membership o join access_grant g on g.principal = o.principal
                             where o.user_id = m.user_id and g.record_id = x.record_id)))
   and not exists (select 1 from access_grant g where g.record_id = x.record_id and g.principal = x.principal
                      and {LIVE} and (x.why = 'named' or g.scope >= x.scope))
union all
select 'coordinators', r.id, p.principal, 3 from access_record r join agencies_partnership p on p.id = r.partnership_id
 where not r.restricted and (r.kind in ('case', 'meeting', 'item', 'person', 'location', 'theme', 'group')
        or exists (select 1 from referrals_referral f where f.record_id = r.id and f.submitted_at is not null
                      and f.status <> 'withdrawn'))
   and not exists (select 1 from access_grant g where g.record_id = r.id and g.principal = p.principal and g.scope = 3)
union all
select 'emergency', e.record_id, e.principal, e.scope from access_emergencyaccess e
  join access_record r on r.id = e.record_id where e.ends_at > now() and not r.restricted and not exists (
   select 1 from access_grant g where g.record_id = e.record_id and g.principal = e.principal and g.scope = e.scope)
 order by 1, 2"""
"""Reasons that gave nobody anything, on records that are not restricted."""

WRONG_END = f"""
select g.record_id, g.principal, g.until from access_grant g
  join (select d.record_id, d.agency_principal, d.scope,
               case when bool_or(d.ends_on is null) then null
                    else (max(d.ends_on) + 1)::timestamp at time zone 'Europe/London' end as ends
          from access_disclosure d where {IN_FORCE} group by 1, 2, 3) w
    on w.record_id = g.record_id and w.agency_principal = g.principal and w.scope = g.scope
 where {LIVE} and g.until is distinct from w.ends"""
"""Grants to agencies that end otherwise than the widest decision says."""
