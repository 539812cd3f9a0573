export type RgwPlan = { folder: string; fsid: string; monPort: number; s3Port: number }

/** A Ceph of one monitor and one disk in memory, quick to start, that touches nothing outside its folder. */
export function cephConf({ folder, fsid, monPort, s3Port }: RgwPlan): string {
  return ini({
    global: {
      fsid,
      keyring: `${folder}/keyring`,
      'mon host': `127.0.0.1:${monPort}`,
      'public addr': '127.0.0.1',
      'cluster addr': '127.0.0.1',
      'auth cluster required': 'cephx',
      'auth service required': 'cephx',
      'auth client required': 'cephx',
      'run dir': `${folder}/run`,
      'admin socket': `${folder}/run/$name.asok`,
      'log file': `${folder}/run/$name.ceph.log`,
      'crash dir': `${folder}/run/crash`,
      'mon data': `${folder}/mon`,
      'osd data': `${folder}/osd`,
      'osd objectstore': 'memstore',
      'memstore device bytes': 1_073_741_824,
      'osd pool default size': 1,
      'osd pool default min size': 1,
      'osd pool default pg num': 1,
      'osd pool default pgp num': 1,
      'osd pool default pg autoscale mode': 'off',
      'osd crush chooseleaf type': 0,
      'mon allow pool size one': true,
      'mon max pg per osd': 1000,
      // The defaults wait for a quorum that a single monitor is by itself.
      'paxos propose interval': 0.05,
      'paxos min wait': 0.01,
      'mon tick interval': 1,
    },
    'client.rgw': {
      'rgw frontends': `beast endpoint=127.0.0.1:${s3Port}`,
      'rgw data': `${folder}/rgw`,
      'rgw enable usage log': false,
      'rgw run sync thread': false,
    },
  })
}

function ini(sections: Record<string, Record<string, string | number | boolean>>): string {
  return Object.entries(sections)
    .map(([name, values]) =>
      [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`)].join('\n'),
    )
    .join('\n')
    .concat('\n')
}
