"""An entry of the read log looks at its records once, and at the verified seat by its key.

What it puts on record is what it was: the records that were shown, each once, and the partnerships that they belong to
with the reader's own, both in order.
"""

from django.db import migrations

STAMP = r"""
create or replace function audit_stamp_read() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null then
    raise insufficient_privilege using message = 'nothing is put on record without a seat';
  end if;
  new.at := clock_timestamp();
  new.membership_id := seat.id;
  new.principal := seat.principal;
  new.partnership_id := seat.partnership_id;
  new.agency_id := seat.agency_id;
  new.xid := pg_current_xact_id()::text::bigint;
  new.refused := new.kind = 'refusal';
  if new.record_id is not null or cardinality(new.records) > 0 then
    select array_agg(distinct s.shown), array_agg(distinct coalesce(r.partnership_id, seat.partnership_id))
      into new.records, new.partnerships
      from unnest(new.records || new.record_id) s (shown) left join public.access_record r on r.id = s.shown
     where s.shown is not null;
    if not seat.partnership_id = any (new.partnerships) then
      select array_agg(p order by p) into new.partnerships from unnest(new.partnerships || seat.partnership_id) p;
    end if;
  else
    new.records := '{}';
    new.partnerships := array[seat.partnership_id];
  end if;
  new.beyond := cardinality(new.partnerships) > 1;
  return new;
end $$;
"""
BACK = r"""
create or replace function audit_stamp_read() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.id is null then
    raise insufficient_privilege using message = 'nothing is put on record without a seat';
  end if;
  new.at := clock_timestamp();
  new.membership_id := seat.id;
  new.principal := seat.principal;
  new.partnership_id := seat.partnership_id;
  new.agency_id := seat.agency_id;
  new.xid := pg_current_xact_id()::text::bigint;
  new.refused := new.kind = 'refusal';
  if new.record_id is not null or cardinality(new.records) > 0 then
    select array_agg(distinct shown) into new.records from unnest(new.records || new.record_id) shown
     where shown is not null;
    select array_agg(distinct p) into new.partnerships
      from (select r.partnership_id from public.access_record r where r.id = any (new.records)
            union all select seat.partnership_id) s (p);
  else
    new.records := '{}';
    new.partnerships := array[seat.partnership_id];
  end if;
  new.beyond := cardinality(new.partnerships) > 1;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_unforgeable_and_sealed")]
    operations = [migrations.RunSQL(STAMP, BACK)]
