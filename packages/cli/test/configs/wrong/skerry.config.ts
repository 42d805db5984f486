export default { space: '', collections: { jobs: {} }, hub: { port: 70_000 } }
