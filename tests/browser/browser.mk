# The pages in a real Chromium.
TESTS += tests/browser/run.sh
EXTRA_DIST += tests/browser/run.sh tests/browser/pages_test.mjs tests/browser/city.json tests/browser/package.json tests/browser/package-lock.json
