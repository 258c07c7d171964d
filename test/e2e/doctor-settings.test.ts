import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../db/database.ts'
import { type Bed, createBed } from '../bed/bed.ts'
import { createDoctor, type Doctor, PASSWORD, said } from './doctor-kit.ts'

const LIMIT_MS = 60_000
const folder = mkdtempSync(join(tmpdir(), 'buoy-doctor-'))

let bed: Bed
let doctor: Doctor

beforeAll(async () => {
  bed = await createBed()
  doctor = createDoctor({ folder, env: bed.env })
})
afterAll(async () => {
  await bed.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the database as npm run doctor sees it', { timeout: LIMIT_MS }, () => {
  const path = join(folder, 'data', 'buoy.db')
  const env = { BUOY_DATABASE_URL: `file:${path}` }
  afterEach(() => {
    rmSync(join(folder, 'data'), { recursive: true, force: true })
  })

  async function made(): Promise<void> {
    await (await openDatabase({ kind: 'sqlite', path })).close()
  }

  it('may not be there yet, and is not made', async () => {
    const { code, list } = await doctor.troubles(env)
    expect(said(list)).toMatch(/^doubtful Database \(SQLite\): does not exist yet.*BUOY_DATABASE_URL/m)
    expect(code).toBe(0)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it('may be older, and stays so', async () => {
    await made()
    const db = new Sqlite(path)
    db.exec("delete from kysely_migration where name like '0003%'")
    db.close()
    const before = readFileSync(path)
    const { code, list } = await doctor.troubles(env)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(said(list)).toMatch(/^doubtful Database .*: tables of an older version: 0003-/m)
    expect(code).toBe(0)
  })

  it('may be newer, which no start would accept', async () => {
    await made()
    const db = new Sqlite(path)
    db.exec("insert into kysely_migration values ('9999-later', '2030-01-01')")
    db.close()
    const { code, list } = await doctor.troubles(env)
    expect(said(list)).toMatch(/^bad Database .*: written by a newer Buoy \(it has 9999-later\)/m)
    expect(code).toBe(1)
  })

  it('may be no database at all', async () => {
    await made()
    writeFileSync(path, 'this is no database '.repeat(500))
    const { code, list } = await doctor.troubles(env)
    expect(said(list)).toMatch(/^bad Database .*: damaged: file is not a database/m)
    expect(code).toBe(1)
  })

  it('may be a server that is away, whose password is not told', async () => {
    const { code, list } = await doctor.troubles({
      BUOY_DATABASE_URL: `postgres://buoy:${PASSWORD}@127.0.0.1:1/buoy`,
    })
    expect(said(list)).toMatch(/^bad Database at 127\.0\.0\.1:1: cannot be opened: .*ECONNREFUSED/m)
    expect(code).toBe(1)
  })
})

describe('the command line of npm run doctor', { timeout: LIMIT_MS }, () => {
  it('explains itself without any setting', async () => {
    const { code, stdout, stderr } = await doctor.run(['--help'], { BUOY_TELEGRAM_TOKEN: '' })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('npm run doctor [-- --json]')
  })

  it('refuses what it does not know in one line', async () => {
    const refused = await doctor.run(['--fix'])
    expect(refused).toEqual({ code: 64, stdout: '', stderr: 'There is no argument --fix; see --help.\n' })
  })

  it('names unusable settings as the bot does', async () => {
    const { code, stdout, stderr } = await doctor.run([], { BUOY_CYCLE_SECONDS: 'soon' })
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
    expect(stderr).toContain('BUOY_CYCLE_SECONDS\n  read:     "soon"')
  })

  it('doubts a setting that is not one', async () => {
    const { code, list } = await doctor.troubles({ BUOY_CYCLE_SECOND: '5' })
    expect(said(list)).toContain('did you mean BUOY_CYCLE_SECONDS')
    expect(code).toBe(0)
  })
})
