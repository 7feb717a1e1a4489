import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Detector } from '../scan/detector.ts'
import { detectorTable, TextScan } from '../scan/text-scan.ts'
import { ClaimWatch, claimTable } from './claims.ts'
import { stripControls } from './controls.ts'
import { hostTest } from './hosts.ts'
import { markup, tag } from './html.ts'
import { foreignLink, scriptLink } from './links.ts'

function replaced(detectors: readonly Detector[], text: string, sizes: readonly number[] = []): string {
  const scan = new TextScan(detectorTable(detectors), { replace: ({ kind }) => `{${kind}}` })
  let out = ''
  let at = 0
  for (const size of sizes) {
    out += scan.push(text.slice(at, at + size))
    at += size
  }
  return out + scan.push(text.slice(at)) + scan.end()
}

describe('stripping controls', () => {
  it.each([
    ['a\u0000b\u001bc\u009bd', 'abcd', 3],
    ['tab\tline\r\n', 'tab\tline\r\n', 0],
    ['\u202egnitset\u202c \u2066x\u2069', 'gnitset x', 4],
    ['i\u200bg\u200cn\u2060o\ufeffre\u00ad', 'ignore', 5],
    ['hi\u{e0049}\u{e0067}\u{e006e}', 'hi', 3],
    ['👩‍👧 ❤️', '👩‍👧 ❤️', 0],
    ['می‌خواهم', 'می‌خواهم', 0],
    ['perché ünï', 'perché ünï', 0],
  ])('makes of %j: %j', (text, expected, count) => {
    expect(stripControls(text)).toEqual({ text: expected, count })
  })
})

describe('a link to a host that is not allowed', () => {
  const links = [scriptLink, foreignLink(hostTest('hosts', ['example.com', '*.example.com']))]
  const find = (text: string): string => replaced(links, text)

  it.each([
    ['see https://evil.test/a?b=c now', 'see {links} now'],
    ['see HTTPS://EVIL.TEST', 'see {links}'],
    ['![x](http://evil.test/p.png?d=1)', '![x]({links})'],
    ['[x](//evil.test/p)', '[x]({links})'],
    ['https:\\\\evil.test\\x', '{links}'],
    ['https://example.com@evil.test/', '{links}'],
    ['https://example.com.evil.test/', '{links}'],
    ['https://evilexample.com/', '{links}'],
    ['https://10.0.0.1/x', '{links}'],
    ['visit www.evil.com or evil.io/page.', 'visit {links} or {links}'],
    ['https://éxample.com', '{links}'],
    ['![x](https&colon;//evil.test/?q=s)', '![x]({links})'],
    ['[x](https\\://evil.test)', '[x]({links})'],
    ['[x](&#104;ttps:&sol;&#x2F;evil.test)', '[x]({links})'],
    ['[x](ht&Tab;tps://evil.test)', '[x]({links})'],
    ['[x](https://example.com&period;evil.test/)', '[x]({links})'],
    ['[x](https://example.com\\.evil.test/)', '[x]({links})'],
    ['[x](https://example.com&commat;evil.test/)', '[x]({links})'],
    ['[x](&sol;&sol;evil.test)', '[x]({links})'],
    ['[x](\\/\\/evil.test)', '[x]({links})'],
    ['[x](<//evil.test>)', '[x](<{links}>)'],
    ['[x]: //evil.test', '[x]: {links}'],
    ['<https&colon;//evil.test>', '<{links}>'],
  ])('is found in %s', (text, expected) => {
    expect(find(text)).toBe(expected)
  })

  it.each([
    'https://example.com/a?u=https',
    'https://www.example.com:8443/x and http://EXAMPLE.com.',
    'write to a@evil.com',
    'e.g. 3.5 or node.js, and/or v1.2.it',
    'ratio 1:2 // a comment',
    'JavaScript: the good parts; data: all of it',
    'http is a scheme, https:// too',
    'https&colon;//example.com/a and https://example.com/?a=b&colon;c&d',
    'we use https:\nword, data:\n\ntext',
    'R&D, AT&T; a &amp; b: &#58; &colon; x\\y',
  ])('is not found in %s', (text) => {
    expect(find(text)).toBe(text)
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:x',
    'vbscript:x',
    'data:text/html;base64,xx',
    'javascript&colon;alert(1)',
    '&#106;avascript:alert(1)',
    '&#x0006A;avascript:alert(1)',
    'java&Tab;script:alert(1)',
    'java&NewLine;script:alert(1)',
    'java&#1;script:alert(1)',
    'java\tscript:alert(1)',
    'javascript\\:alert(1)',
    'data:text&sol;html,x',
  ])('is found when it runs a script: %s', (text) => {
    expect(find(`[x](${text})`)).toContain('{script-link}')
  })

  it('is found wherever the text is cut', () => {
    const part = fc.constantFrom(
      'https://',
      'http',
      ':',
      '/',
      '\\',
      'evil.test',
      'example.com',
      'www.',
      'evil.com',
      '@',
      '.',
      ' ',
      '(',
      ')',
      'javascript:',
      'data:text/html',
      '&',
      '&colon;',
      'java&Tab;script',
      '&#',
      '58',
      ';',
      '&sol;',
      'é',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), fc.array(fc.nat(6), { maxLength: 30 }), (parts, sizes) => {
        const text = parts.join('')
        expect(replaced(links, text, sizes)).toBe(find(text))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is judged by hosts that can be hosts only', () => {
    expect(() => hostTest('hosts', ['https://example.com'])).toThrow(/hosts must be/)
    expect(hostTest('hosts', ['*.example.com'])('example.com')).toBe(false)
  })
})

describe('markup', () => {
  it.each([
    ['<script>alert(1)</script>', '{html}script>alert(1){html}/script>'],
    ['a < b and b > a, 3<4', 'a < b and b > a, 3<4'],
    ['<!-- x --><?php', '{html}!-- x -->{html}?php'],
    ['<img src=x', '{html}img src=x'],
  ])('begins in %s', (text, expected) => {
    expect(replaced([markup], text)).toBe(expected)
    expect(
      replaced(
        [markup],
        text,
        Array.from({ length: text.length }, () => 1),
      ),
    ).toBe(expected)
  })

  it.each(['<b>', 'x</div>', '<img src=x onerror=y>', '<br/>', '<!doctype html>', '<!--'])('is a tag in %s', (text) => {
    expect(replaced([tag], text)).toContain('{html}')
  })

  it.each(['<https://example.com>', '<a@b.it>', 'x < y and z', 'List<String, 3'])('is no tag in %s', (text) => {
    expect(replaced([tag], text)).toBe(text)
  })
})

describe('a claim', () => {
  const table = claimTable({
    guarantee: { en: ['guarant~ *4 aircraft|price'], it: ['garanti~ *4 aereo|prezzo'] },
    advice: { en: ['you should sue'] },
  })

  function read(pieces: readonly string[]): { readonly shown: string; readonly claims: readonly string[] } {
    const claims: string[] = []
    let shown = ''
    const watch = new ClaimWatch(table, (name) => {
      claims.push(name)
      throw new Error(name)
    })
    try {
      for (const piece of pieces) shown += watch.push(piece)
      shown += watch.flush()
    } catch {
      // Blocked.
    }
    return { shown, claims }
  }

  it.each([
    ['We guarantee you the best price.', ['guarantee']],
    ['Le garantiamo un aereo domani.', ['guarantee']],
    ['You should sue them.', ['advice']],
    ['We cannot guarantee the price.', []],
    ["We don't guarantee any aircraft.", []],
    ['Non garantiamo il prezzo.', []],
    ['No. We guarantee the price.', ['guarantee']],
    ['The guarantee ends soon. The price is low.', []],
  ])('in %s', (text, claims) => {
    expect(read([text]).claims).toEqual(claims)
  })

  it('does not come out, and holds back nothing that cannot become one', () => {
    expect(read([...'Well, we guarantee you the price']).shown).toBe('Well, we ')
    const text = 'Well, we guarantee nothing. Ask 😀 us'
    expect(read([...text].flatMap((sign) => sign.split('')))).toEqual({ shown: text, claims: [] })
  })

  it('refuses a phrase that it cannot read, and says which', () => {
    expect(() => claimTable({ x: { en: ['*2'] } })).toThrow(/claims\.x\.en must be/)
  })
})
