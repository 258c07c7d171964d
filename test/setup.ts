import fc from 'fast-check'

// The same cases every time: a test that fails must fail again. Another seed looks at other cases.
fc.configureGlobal({
  seed: Number(process.env['BUOY_TEST_SEED'] ?? 143),
  // For npm run mutants: that it fails is enough there.
  endOnFailure: process.env['BUOY_TEST_NO_SHRINKING'] !== undefined,
})
