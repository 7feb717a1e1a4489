import { describe, expect, it } from 'vitest'
import { checkStatement } from './statement.ts'

describe('a statement', () => {
  it.each([
    'select 1',
    '  \n\t(( select 1)',
    'SELECT 1;',
    '-- a\n-- b\r/* c /* d */ e */ Insert into x default values',
    'with a as (delete from x returning *) select * from a',
    'values (1)',
    'table x',
    'merge into a using b on true when matched then do nothing',
    'savepoint a',
    'release a',
    'rollback to a',
    'rollback/**/transaction --\n to savepoint a',
  ])('that is allowed: %j', (text) => {
    expect(() => checkStatement(text)).not.toThrow()
  })

  it.each([
    '',
    ';',
    '; commit',
    'commit',
    'COMMIT AND CHAIN',
    'end',
    'rollback',
    'rollback work',
    'rollback and chain',
    'abort',
    'begin',
    'start transaction',
    'prepare transaction $1',
    'reset role',
    'set local role none',
    'discard all',
    'listen a',
    'declare c cursor with hold for select 1',
    'copy x to stdout',
    'explain select 1',
    'EXPLAIN (analyze) select 1',
    'do $$ begin end $$',
    'call x()',
    'execute a',
    'select_1',
    'select$1',
    'selectö',
    // Words that stand in a comment for the database, or do not.
    '/* a /* b */ select */ commit',
    '-- a\rcommit /*\nselect */',
    '/* select 1',
    '-- select 1',
    '/*/ select 1 /*/ commit',
    '\u00a0select 1',
    "U&'select'",
  ])('that is refused: %j', (text) => {
    expect(() => checkStatement(text)).toThrow(
      expect.objectContaining({ code: 'STATEMENT_REFUSED', category: 'client', mayHaveTakenEffect: false }),
    )
  })

  it('is read in a time that grows with its length only', () => {
    const long = '/*'.repeat(200_000) + '('.repeat(200_000)
    const started = performance.now()
    expect(() => checkStatement(long)).toThrow()
    expect(() => checkStatement('--\n'.repeat(100_000) + 'commit')).toThrow()
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
