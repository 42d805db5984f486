/** Pictures of the app, drawn with lines of the text's colour. All of them stand beside words, so that none says anything to a screen reader. */

const paths = {
  mast: 'M12 22V9m0 0-5 13m5-13 5 13M9 17h6M12 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M5 11a7.5 7.5 0 0 1 0-9m14 9a7.5 7.5 0 0 0 0-9',
  today: 'M4 6h16M4 12h16M4 18h10',
  outbox: 'M12 15V3m0 0L7 8m5-5 5 5M4 14v6h16v-6',
  decide: 'M12 8v5m0 3v.5M12 3 2.5 20h19L12 3',
  settings: 'M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4',
  storage: 'M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0V6m0 0c0 3 16 3 16 0M4 12c0 3 16 3 16 0',
  check: 'm4 12 5 5L20 6',
  cloud: 'M7 18a4 4 0 0 1-.5-8A6 6 0 0 1 18 9.5a4.3 4.3 0 0 1-.5 8.5H7',
  phone: 'M8 2h8a1 1 0 0 1 1 1v18a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1m3 17h2',
  office: 'M5 21V4h9v17m0-12h5v12M3 21h18M8 8h3M8 12h3M8 16h3',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7m-6 9c0-8 12-8 12 0m1-9a3 3 0 0 0 0-6m1.500 9c2.500.7 3.500 2.500 3.500 6',
  off: 'M3 3l18 18M7 18a4 4 0 0 1-.5-8m3.500-4A6 6 0 0 1 18 9.500a4.300 4.300 0 0 1 2.500 6.500',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      aria-hidden="true"
    >
      <path d={paths[name]} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
