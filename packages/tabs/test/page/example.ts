/** The README's page, driven by its test. */
import { exposed } from '@skerry/browser-test/page'
import { replica } from './example-page.ts'

exposed({
  publicKey: async () => (await replica.identity).publicKey,
  enrol: (token: string) => replica.setCredential(token),
  create: (title: string) => replica.create('orders', { title, notes: '', hours: 0 }),
  savedAtHub: (id: string) => replica.saved('orders', id, 'hub'),
  storage: () => new Promise((resolve, reject) => replica.watchStorage(resolve, reject)),
  persist: () => replica.persist(),
})
