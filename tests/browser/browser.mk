# The pages in a real Chromium: run.sh against the real daemon, run against a mock of the API's contract.
TESTS += tests/browser/run.sh tests/browser/run
EXTRA_DIST += tests/browser/run.sh tests/browser/pages_test.mjs tests/browser/city.json tests/browser/package.json tests/browser/package-lock.json tests/browser/.npmrc \
  tests/browser/run tests/browser/browser.mjs tests/browser/mock.mjs tests/browser/.npmrc tests/browser/words.test.mjs tests/browser/courier.test.mjs \
  tests/browser/resident.test.mjs tests/browser/park.test.mjs tests/browser/map.test.mjs tests/browser/camera.test.mjs tests/browser/access.test.mjs tests/browser/sending.test.mjs
TESTS += tests/browser/kiosk.sh
EXTRA_DIST += tests/browser/kiosk.sh tests/browser/kiosk_test.mjs tests/integration/town.sh tests/integration/town.mjs
