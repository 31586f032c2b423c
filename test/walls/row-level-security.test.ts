import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../support/seed.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** The only ways past row-level security: functions that answer ids, and who calls them for what. */
const DOORS = [
  // which organization a presented key belongs to
  'door_credential(bytea) TABLE(organization_id uuid, credential_id integer)',
  // where rollouts run or are to start, to look at them
  'door_due_rollouts(timestamp with time zone) TABLE(organization_id uuid)',
  // where experiments run or have just ended, to evaluate them
  'door_live_organizations(timestamp with time zone) TABLE(organization_id uuid)',
  // every organization, to purge its log
  'door_organizations() TABLE(organization_id uuid)',
]

let server: TestServer
let owner: Client
let app: Client
let seed: Seed

beforeAll(async () => {
  server = await startTestServer()
  owner = new Client(server.database.owner)
  app = new Client(server.database.app)
  await Promise.all([owner.connect(), app.connect()])
  seed = await Seed.organization(server)
  await seed.experiment({ key: 'walled' })
  await seed.arms('walled', [{ variantKey: 'control', units: 3, events: { 'walled-converted': { units: 1 } } }])
})
afterAll(async () => {
  await Promise.all([owner.end(), app.end()])
  await server.stop()
})

async function tenantTables(): Promise<string[]> {
  const { rows } = await owner.query(
    `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
       and (c.relname = 'organization' or exists (
         select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))
     order by 1`,
  )
  return rows.map(({ relname }) => relname)
}

describe('the wall between organizations', () => {
  it('stands around every table but the one of the migrations', async () => {
    const { rows } = await owner.query(
      `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity) order by 1`,
    )
    expect(rows.map(({ relname }) => relname)).toEqual(['mikro_orm_migrations'])
    const { rows: policies } = await owner.query('select distinct tablename from pg_policies order by 1')
    expect(policies.map(({ tablename }) => tablename)).toEqual(await tenantTables())
  })

  it('cannot be passed by the role of the server', async () => {
    const { rows } = await app.query(
      `select current_user as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
         (select count(*)::int from pg_class where relowner = r.oid) as owned
       from pg_roles r where rolname = current_user`,
    )
    expect(rows).toEqual([
      { name: 'assay_app', rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, owned: 0 },
    ])
  })

  it('shows no row while no organization is set, and none of another one', async () => {
    const tables = await tenantTables()
    let filled = 0
    for (const table of tables) {
      const { rows: all } = await owner.query(`select count(*)::int as n from ${table}`)
      if (all[0].n > 0) filled++
      expect((await app.query(`select * from ${table}`)).rows, table).toEqual([])
      await app.query(`begin; set local assay.organization_id = '00000000-0000-4000-8000-000000000000'`)
      expect((await app.query(`select * from ${table}`)).rows, table).toEqual([])
      await app.query('commit')
    }
    expect(filled).toBeGreaterThan(10)
  })

  it('lets nothing be written for another organization', async () => {
    await app.query(`begin; set local assay.organization_id = '00000000-0000-4000-8000-000000000000'`)
    await expect(
      app.query(
        `insert into event (organization_id, idempotency_key, unit_type, unit_id, occurred_at, received_at, name)
         values ($1, gen_random_uuid(), 'user', 'u', now(), now(), 'bought')`,
        [seed.keys.organizationId],
      ),
    ).rejects.toThrow('row-level security')
    await app.query('rollback')
  })

  it('has exactly these doors, which answer ids', async () => {
    const { rows } = await owner.query(
      `select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') ' || pg_get_function_result(p.oid) as door
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'public' and p.prosecdef order by 1`,
    )
    const doors = rows.map(({ door }) => door.replace(/^(\w+)\(\w+ ([\w ]+)\)/, '$1($2)'))
    expect(doors).toEqual(DOORS)
  })

  it('keeps the doors narrow: they read ids and what they choose by, and only the server opens them', async () => {
    const { rows: columns } = await owner.query(
      `select table_name || '.' || column_name as name from information_schema.column_privileges
       where grantee = 'assay_door' order by 1`,
    )
    expect(columns.map(({ name }) => name)).toEqual([
      'alert.cleared_at',
      'alert.experiment_id',
      'alert.organization_id',
      'credential.hash',
      'credential.id',
      'credential.organization_id',
      'experiment.deleted_at',
      'experiment.ended_at',
      'experiment.organization_id',
      'experiment.scheduled_start_at',
      'experiment.status',
      'organization.id',
      'rollout.deleted_at',
      'rollout.organization_id',
      'rollout.starts_at',
      'rollout.status',
    ])
    const { rows: doors } = await owner.query(
      `select p.proname, pg_get_userbyid(p.proowner) as owner, p.proconfig is not null as has_fixed_path,
         array(select pg_get_userbyid(a.grantee) from aclexplode(p.proacl) a
               where a.grantee not in (p.proowner) order by 1)::text[] as callers
       from pg_proc p where p.prosecdef and p.proname like 'door%' order by 1`,
    )
    expect(doors).toHaveLength(DOORS.length)
    for (const door of doors) {
      expect(door).toMatchObject({ owner: 'assay_door', has_fixed_path: true, callers: ['assay_app'] })
    }
    const { rows: roles } = await owner.query(
      `select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname in ('assay_app', 'assay_door') order by 1`,
    )
    const weak = { rolsuper: false, rolbypassrls: false, rolcanlogin: false }
    expect(roles).toEqual([
      { rolname: 'assay_app', ...weak },
      { rolname: 'assay_door', ...weak },
    ])
    const { rows: memberships } = await owner.query(
      `select 1 from pg_auth_members where member in ('assay_app'::regrole, 'assay_door'::regrole)`,
    )
    expect(memberships).toEqual([])
  })

  it('holds in keys too: primary and foreign ones begin with the organization, on both sides', async () => {
    const { rows: foreign } = await owner.query(
      `select c.conname, a.attname as here, c.confrelid::regclass::text as target, b.attname as there
       from pg_constraint c
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       join pg_attribute b on b.attrelid = c.confrelid and b.attnum = c.confkey[1]
       where c.contype = 'f' and c.connamespace = 'public'::regnamespace`,
    )
    expect(foreign.length).toBeGreaterThan(5)
    for (const { conname, here, target, there } of foreign) {
      expect([here, there], conname).toEqual(['organization_id', target === 'organization' ? 'id' : 'organization_id'])
    }
    const { rows: primary } = await owner.query(
      `select c.conrelid::regclass::text as name, a.attname as first from pg_constraint c
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       where c.contype = 'p' and c.connamespace = 'public'::regnamespace`,
    )
    for (const { name, first } of primary) {
      if (name === 'mikro_orm_migrations') continue
      expect(first, name).toBe(name === 'organization' ? 'id' : 'organization_id')
    }
  })
})
