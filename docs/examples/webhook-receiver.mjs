import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

const webhook = new Webhook(process.env.SECRET)
// Yours is a table, written in the transaction of what the event brings about.
const seen = new Set()

const server = createServer(async (request, response) => {
  try {
    const { type, data } = webhook.verify(await text(request), request.headers)
    const id = request.headers['webhook-id']
    if (!seen.has(id)) console.log(type, data.id, data.playback?.hls ?? data.status)
    seen.add(id)
    response.writeHead(204).end()
  } catch (error) {
    console.error(`refused: ${error.message}`)
    response.writeHead(400).end()
  }
})
server.listen(process.env.PORT ?? 4000, () => console.log(`listening on ${server.address().port}`))
