"""The only ways to make people and seats on the web. Each checks the verified seat itself, so injected SQL gains nothing.

An administrator looks after their own partnership; an agency's lead after their own agency's leads and members; nobody
after themselves. What they refuse, they refuse as if it did not exist.
"""

from django.db import migrations

FORWARD = r"""
create or replace function accounts_keeper() returns accounts_membership
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare me public.accounts_membership;
begin
  select * into me from public.accounts_membership where id = mace_seat();
  if me.id is null or me.role not in ('admin', 'agency_lead') then
    raise insufficient_privilege using message = 'this seat looks after nobody';
  end if;
  return me;
end $$;

create or replace function accounts_looks_after(me accounts_membership, seat accounts_membership) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select seat.user_id <> me.user_id and seat.partnership_id = me.partnership_id and seat.role <> 'system'
     and (me.role = 'admin'
          or me.role = 'agency_lead' and seat.agency_id = me.agency_id
             and (seat.role = 'agency_member' or seat.role = 'agency_lead' and me.deputy_for_id is null)) $$;

create or replace function accounts_add_person(address text, full_name text) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare me public.accounts_membership := accounts_keeper(); found public.accounts_user;
begin
  select * into found from public.accounts_user where lower(email) = lower(address);
  if found.id is null then
    insert into public.accounts_user (email, name, password, is_active, is_staff, is_superuser, date_joined)
    values (lower(address), full_name, '!' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
            true, false, false, now()) returning * into found;
  elsif not found.is_active or exists (select 1 from public.accounts_membership m
                                        where m.user_id = found.id and m.role = 'system') then
    raise insufficient_privilege using message = 'no such person';
  end if;
  return found.id;
end $$;

create or replace function accounts_give_seat(
  person bigint, agency bigint, team bigint, new_role text, title text, begins date, ends date, why text,
  stands_in_for bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me public.accounts_membership := accounts_keeper();
  whom public.accounts_membership;
  made public.accounts_membership;
begin
  if not exists (select 1 from public.agencies_participation q
                  where q.agency_id = agency and q.partnership_id = me.partnership_id)
     or team is not null and not exists (select 1 from public.agencies_team t where t.id = team and t.agency_id = agency)
     or not exists (select 1 from public.accounts_user u where u.id = person and u.is_active)
     or new_role not in ('practitioner', 'manager', 'coordinator', 'chair', 'agency_lead', 'agency_member', 'board',
                         'analyst', 'ig', 'admin', 'minute_taker', 'auditor', 'analyst_identifiable') then
    raise insufficient_privilege using message = 'no such seat';
  end if;
  if stands_in_for is not null then
    select * into whom from public.accounts_membership where id = stands_in_for;
    if whom.id is null or whom.partnership_id <> me.partnership_id or whom.role <> new_role or whom.user_id = person
       or whom.agency_id <> agency or whom.deputy_for_id is not null
       or whom.until_on is not null and (ends is null or whom.until_on < ends) then
      raise insufficient_privilege using message = 'no such seat to stand in for';
    end if;
  end if;
  insert into public.accounts_membership
    (user_id, agency_id, partnership_id, team_id, role, job_title, from_on, until_on, purpose, deputy_for_id)
  values (person, agency, me.partnership_id, team, new_role, title, begins, ends, why, stands_in_for)
  returning * into made;
  if not accounts_looks_after(me, made) then
    raise insufficient_privilege using message = 'this seat may not give that one';
  end if;
  if whom.role = 'chair' then
    insert into public.accounts_holding (membership_id, principal, from_on, until_on)
    select made.id, h.principal, greatest(h.from_on, begins), least(h.until_on, ends) from public.accounts_holding h
      join public.panels_panel p on p.principal = h.principal
     where h.membership_id = whom.id and h.from_on <= ends and (h.until_on is null or h.until_on >= begins);
  end if;
  return made.id;
end $$;

create or replace function accounts_end_seat(seat bigint, last_day date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare me public.accounts_membership := accounts_keeper(); target public.accounts_membership;
begin
  select * into target from public.accounts_membership where id = seat for update;
  if target.id is null or not accounts_looks_after(me, target) then
    raise insufficient_privilege using message = 'no such seat';
  end if;
  update public.accounts_membership set until_on = last_day, from_on = least(from_on, last_day)
   where (id = seat or deputy_for_id = seat) and (until_on is null or until_on > last_day);
end $$;

create or replace function accounts_set_active(person bigint, active boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare me public.accounts_membership := accounts_keeper();
begin
  if me.role <> 'admin' or person = me.user_id
     or not exists (select 1 from public.accounts_membership m
                     where m.user_id = person and m.partnership_id = me.partnership_id and m.role <> 'system')
     or exists (select 1 from public.accounts_membership m
                 where m.user_id = person and (m.role = 'system' or m.partnership_id <> me.partnership_id
                       and (m.until_on is null or m.until_on >= current_date))) then
    raise insufficient_privilege using message = 'no such person';
  end if;
  update public.accounts_user set is_active = active where id = person;
end $$;

create or replace function agencies_set_agreement(participation bigint, signed date, review_due date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare me public.accounts_membership;
begin
  select * into me from public.accounts_membership where id = mace_seat();
  update public.agencies_participation q set agreement_signed_on = signed, agreement_review_due_on = review_due
   where q.id = participation and q.partnership_id = me.partnership_id and me.role in ('admin', 'coordinator');
  if not found then raise insufficient_privilege using message = 'no such agreement'; end if;
end $$;

revoke all on function accounts_keeper(), accounts_looks_after(accounts_membership, accounts_membership),
  accounts_add_person(text, text),
  accounts_give_seat(bigint, bigint, bigint, text, text, date, date, text, bigint), accounts_end_seat(bigint, date),
  accounts_set_active(bigint, boolean), agencies_set_agreement(bigint, date, date) from public;
grant execute on function accounts_add_person(text, text),
  accounts_give_seat(bigint, bigint, bigint, text, text, date, date, text, bigint), accounts_end_seat(bigint, date),
  accounts_set_active(bigint, boolean), agencies_set_agreement(bigint, date, date) to mace_app;

create trigger accounts_user_history after update of email, name, is_active, is_staff on accounts_user
  for each row execute function audit_track_change();
"""

BACK = r"""
drop trigger accounts_user_history on accounts_user;
drop function accounts_add_person(text, text),
  accounts_give_seat(bigint, bigint, bigint, text, text, date, date, text, bigint), accounts_end_seat(bigint, date),
  accounts_set_active(bigint, boolean), agencies_set_agreement(bigint, date, date),
  accounts_looks_after(accounts_membership, accounts_membership), accounts_keeper();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_seats"), ("agencies", "0002_seats"), ("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
