import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPublicAddress } from './address.ts'

const v4 = fc.ipV4()
const blocks: [first: number, bits: number][] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xac100000, 12],
  [0xc0000000, 24],
  [0xc0000200, 24],
  [0xc0586300, 24],
  [0xc0a80000, 16],
  [0xc6120000, 15],
  [0xc6336400, 24],
  [0xcb007100, 24],
  [0xe0000000, 4],
  [0xf0000000, 4],
]
const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const inBlocks = (address: string) =>
  blocks.some(
    ([first, bits]) => Math.floor(numberOf(address) / 2 ** (32 - bits)) === Math.floor(first / 2 ** (32 - bits)),
  )
const hex = (address: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

test.each([
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '203.0.113.9',
  '224.0.0.1',
  '239.1.1.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::ffff:0:127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a9fe:a9fe',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2001:0:4136:e378:8000:63bf:80ff:fffe',
  '2001:0:7f00:1::f7f7:f7f7',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  'fc00::1',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '3fff::1',
  '2001:2::1',
  '100::1',
  '5f00::1',
  '4000::1',
  'e000::1',
  '',
  'localhost',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '8.8.8.8/32',
  '[::1]',
])('%j is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '223.255.255.254',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
  '2002:808:808::1',
])('%j is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test('nothing of the reserved IPv4 blocks is public, however it is wrapped in IPv6', () => {
  const member = fc
    .tuple(fc.constantFrom(...blocks), fc.nat(2 ** 32 - 1))
    .map(([[first, bits], rest]) => first + (rest % 2 ** (32 - bits)))
    .map((value) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.'))
  fc.assert(
    fc.property(member, (address) => {
      const wrapped = [
        address,
        `::ffff:${address}`,
        `::ffff:${hex(address)}`,
        `64:ff9b::${hex(address)}`,
        `2002:${hex(address)}::1`,
        `::${hex(address)}`,
      ]
      for (const form of wrapped) expect([form, isPublicAddress(form)]).toEqual([form, false])
    }),
  )
})

test('a mapped, NAT64 or 6to4 address is as public as the IPv4 address inside it', () => {
  fc.assert(
    fc.property(v4, (address) => {
      for (const form of [`::ffff:${hex(address)}`, `64:ff9b::${hex(address)}`, `2002:${hex(address)}::`])
        expect(isPublicAddress(form)).toBe(isPublicAddress(address))
      if (inBlocks(address)) expect(isPublicAddress(address)).toBe(false)
    }),
  )
})

test('whatever text it is given, it answers', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV6()), (text) => typeof isPublicAddress(text) === 'boolean'))
})
