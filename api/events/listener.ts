/** Who listens to one stream, and how far it has heard. */
export type Listener = {
  tenant: string
  /** Undefined for all assets of the tenant. */
  assetId: string | undefined
  /** The place of the last event that it was sent, or that it need not be sent. */
  position: number
  send(text: string): void
  hasRoom(): boolean
  room(): Promise<void>
  end(): void
}

type About = { tenant: string; assetId: string }

export const hears = (listener: Pick<Listener, 'tenant' | 'assetId'>, { tenant, assetId }: About): boolean =>
  listener.tenant === tenant && (listener.assetId === undefined || listener.assetId === assetId)
