import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { cleanFilename } from '../core/net/filename.ts'
import { parseStrictJson, StrangeJson } from '../core/strict-json.ts'
import { assetFields } from '../queues/payloads.ts'
import { invalid, parseInput } from './parse.ts'

export type FormFields = z.infer<typeof assetFields>

/** `metadata` comes as JSON in one field, the others as plain text. */
export const formFields = assetFields.extend({
  metadata: z
    .string()
    .max(64 * 1024)
    .transform((text, ctx) => {
      try {
        return parseStrictJson(Buffer.from(text))
      } catch (error) {
        if (!(error instanceof StrangeJson)) throw error
        ctx.addIssue({ code: 'custom', message: `wants a JSON object. ${error.message}` })
        return z.NEVER
      }
    })
    .pipe(assetFields.shape.metadata)
    .optional(),
})

/** Reads a form as it comes: `store` takes the one file while it streams; fields may stand before or after it. */
export async function readForm<Stored>(
  request: FastifyRequest,
  store: (file: MultipartFile) => Promise<Stored>,
): Promise<{ stored: Stored; fields: FormFields; filename: string | undefined }> {
  const texts: Record<string, unknown> = {}
  let file: { stored: Stored; filename: string | undefined } | undefined
  const limits = {
    fileSize: Number.MAX_SAFE_INTEGER,
    files: 1,
    fields: 20,
    fieldSize: 64 * 1024,
    fieldNameSize: 100,
    parts: 21,
  }
  for await (const part of request.parts({ limits })) {
    if (part.type === 'file') {
      if (part.fieldname !== 'file') {
        part.file.resume()
        throw invalid([{ path: part.fieldname, message: 'the file goes into the part "file"' }])
      }
      file = { stored: await store(part), filename: cleanFilename(part.filename) }
    } else if (part.valueTruncated || part.fieldnameTruncated) {
      throw invalid([{ path: part.fieldname.slice(0, 40), message: 'is too long' }])
    } else if (Object.hasOwn(texts, part.fieldname)) {
      throw invalid([{ path: part.fieldname, message: 'comes twice' }])
    } else texts[part.fieldname] = part.value
  }
  if (file === undefined) throw invalid([{ path: 'file', message: 'the form has no part "file" with a file' }])
  return { ...file, fields: parseInput(formFields, texts) }
}
