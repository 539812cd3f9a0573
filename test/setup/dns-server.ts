import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import ipaddr from 'ipaddr.js'
import { atEnd } from './at-end.ts'

/** What a name is answered with: addresses of either family, or another name that the answer goes on with. */
export type Answer = { addresses: string[]; alias?: string }

const types: Record<number, 'ipv4' | 'ipv6'> = { 1: 'ipv4', 28: 'ipv6' }
const aliasType = 5

/** A small DNS server (RFC 1035, over UDP) whose every answer is over at once. `answerTo` is asked for each question anew. */
export async function dnsServer(answerTo: (name: string, kind: 'ipv4' | 'ipv6') => Answer | undefined) {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const { name, end, type } = readQuestion(message)
    const kind = types[type]
    asked.push(`${kind} ${name}`)
    const answer = kind && answerTo(name, kind)
    const records: Buffer[] = []
    if (answer?.alias !== undefined) records.push(record(aliasType, wireName(answer.alias)))
    const owner = answer?.alias === undefined ? undefined : wireName(answer.alias)
    for (const address of (answer?.addresses ?? []).map((text) => ipaddr.parse(text)))
      if (address.kind() === kind) records.push(record(type, Buffer.from(address.toByteArray()), owner))
    const head = Buffer.from(message.subarray(0, 12))
    // A response, recursion available, and NXDOMAIN where nobody knows the name.
    head.writeUInt16BE(answer === undefined ? 0x8183 : 0x8180, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(records.length, 6)
    head.writeUInt32BE(0, 8)
    socket.send(Buffer.concat([head, message.subarray(12, end), ...records]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  atEnd(async () => socket.close())
  return { server: `127.0.0.1:${socket.address().port}`, asked }
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

/** Owned by the name of the question unless it is said whose it is; dead as soon as it is read. */
function record(type: number, data: Buffer, owner = Buffer.from([0xc0, 12])): Buffer {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(0, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([owner, fixed, data])
}

const wireName = (name: string) =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])
