/** Countries whose national forms are known. Numbers with a country code are found whatever the country. */
export type PhoneCountry = 'IT' | 'US'

/** All calling codes (ITU-T E.164), by their first digits: of one, two and three digits. */
const CODES = new Set(
  (
    '1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ' +
    '211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 ' +
    '253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 ' +
    '377 378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 ' +
    '675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 ' +
    '966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998'
  ).split(' '),
)

/** How many digits follow a calling code, where more is known than that there are 6 to 12. */
const NATIONAL: Readonly<Record<string, readonly [least: number, most: number]>> = {
  '1': [10, 10],
  '7': [10, 10],
  '33': [9, 9],
  '34': [9, 9],
  '39': [6, 11],
  '44': [9, 10],
  '49': [6, 13],
  '41': [9, 9],
  '61': [9, 9],
  '65': [8, 8],
  '81': [9, 10],
  '86': [10, 11],
  '91': [10, 10],
  '971': [8, 9],
}

/** Whether digits are a calling code and as many more as a number has. */
export function isInternational(digits: string): boolean {
  for (let size = 1; size <= 3; size += 1) {
    const code = digits.slice(0, size)
    if (!CODES.has(code)) continue
    const [least, most] = NATIONAL[code] ?? [6, 12]
    const national = digits.slice(size)
    if (national.length < least || national.length > most || digits.length > 15) return false
    return code === '1' ? isNorthAmerican(national) : !/^(\d)\1+$/.test(national)
  }
  return false
}

/** Area code and exchange begin with 2 to 9, and neither is a service code such as 911. */
export function isNorthAmerican(digits: string): boolean {
  return /^[2-9](?!11)\d\d[2-9](?!11)\d{6}$/.test(digits)
}

/** Whether ten digits are an Italian mobile number, or nine an old one. */
export function isItalianMobile(digits: string): boolean {
  return /^3[2-9]\d{7,8}$/.test(digits)
}

/** Whether digits are an Italian land line with its area code. */
export function isItalianLandLine(digits: string): boolean {
  return /^0[1-9]\d{6,9}$/.test(digits)
}

/** Free and shared-cost numbers, which have no area code. */
export function isItalianService(digits: string): boolean {
  return /^(?:80[03]|84[08]|89[259]|199)\d{6}$/.test(digits) && !digits.endsWith('000000')
}
