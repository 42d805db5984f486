export default { space: 'acme', collections: {}, hub: { prot: 7070 }, colections: {} }
