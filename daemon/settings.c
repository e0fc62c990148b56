#include "daemon/settings.h"

#define TEXT(name, fallback, doc)                                                                            \
    {                                                                                                        \
        name, CONFIG_TEXT, fallback, 0, 0, doc                                                               \
    }
/* May hold a password or a token. */
#define SECRET(name, fallback, doc)                                                                          \
    {                                                                                                        \
        name, CONFIG_SECRET, fallback, 0, 0, doc                                                             \
    }
#define PATH(name, fallback, doc)                                                                            \
    {                                                                                                        \
        name, CONFIG_PATH, fallback, 0, 0, doc                                                               \
    }
#define INT(name, fallback, min, max, doc)                                                                   \
    {                                                                                                        \
        name, CONFIG_INT, fallback, min, max, doc                                                            \
    }
#define REAL(name, fallback, min, max, doc)                                                                  \
    {                                                                                                        \
        name, CONFIG_REAL, fallback, min, max, doc                                                           \
    }
#define BOOL(name, fallback, doc)                                                                            \
    {                                                                                                        \
        name, CONFIG_BOOL, fallback, 0, 0, doc                                                               \
    }

const struct config_setting daemon_settings[] = {
    TEXT("http.listen", "127.0.0.1:8443", "address:port to serve on; behind a proxy in production"),
    PATH("http.cert", "", "certificate chain (PEM); empty: plain HTTP, for the loopback only"),
    PATH("http.key", "", "the certificate's key (PEM)"),
    INT("http.body_max", "4194304", 65536, 67108864, "largest body taken, in bytes"),
    INT("http.request_seconds", "20", 1, 600, "time for a whole request to arrive, from its first byte"),
    INT("http.connections", "4000", 10, 100000, "most connections at a time"),
    SECRET("db.conninfo", "dbname=yizhan",
           "libpq connection string; no password here: peer, passfile or service"),
    INT("db.connections", "4", 1, 16, "connections to the database"),
    INT("db.timeout_ms", "15000", 100, 600000, "how long a statement may take, waiting included"),
    TEXT("mqtt.url", "", "broker, mqtts://host:port; empty: this daemon drives no lockers"),
    TEXT("mqtt.client_id", "yizhand", "client id, the common name of the certificate"),
    PATH("mqtt.ca", "", "certificates that the broker's is checked against (PEM)"),
    PATH("mqtt.cert", "", "our certificate (PEM)"),
    PATH("mqtt.key", "", "its key (PEM)"),
    PATH("keys.grant", "",
         "file with the seed of the Ed25519 key that signs commands: 64 hex digits, mode 0600"),
    TEXT("keys.grant_id", "k1", "the id under which lockers know its public half"),
    PATH("keys.locker_master", "",
         "file with the secret all lockers' are derived from: 64 hex digits, mode 0600"),
    TEXT("clock.start", "", "simulated business time at clock.origin (RFC 3339); empty: the real time"),
    TEXT("clock.origin", "",
         "real instant at which business time was clock.start (RFC 3339); empty: the start of the program"),
    REAL("clock.rate", "1", 0.001, 100000, "simulated business seconds per real second"),
    PATH("web.root", PKGDATADIR "/web", "the pages"),
    PATH("roads.file", "", "road file of yizhan-route import; empty: travel times by great circle"),
    PATH("roads.speeds", "", "learned speeds of yizhan-route match --learn; empty: the profiles' own"),
    TEXT("roads.matrix_url", "",
         "OSRM server (http://host:port) that the planner takes travel times from; empty: from roads.file"),
    INT("roads.matrix_coordinates", "100", 2, 10000,
        "coordinates in one request to it (its --max-table-size)"),
    REAL("roads.matrix_seconds", "10", 0.1, 600, "time for one request to it"),
    TEXT("roads.open_to", "local",
         "who may use /route/v1 and its like: staff (who is logged in as one), local (also programs of this "
         "machine that no proxy speaks for), all"),
    INT("roads.threads", "1", 1, 16, "threads that answer requests for routes, tables and tiles"),
    REAL("roads.seconds", "5", 0.1, 60, "time for one such request, waiting included"),
    INT("plan.threads", "1", 1, 16, "threads of the route solver"),
    REAL("plan.seconds", "0", 0, 600, "time for planning a wave; 0: by its size"),
    TEXT("zones.sites", "", "codes of the sites this daemon may drive, comma between; empty: all"),
    INT("zones.seconds", "10", 2, 300,
        "a site's lease lasts; after a daemon has died another takes over within that time"),
    PATH("outbox.dir", "",
         "directory, made if need be, where notices are appended to notices.jsonl; empty: none"),
    SECRET("outbox.notice_url", "", "message gateway that notices are posted to; empty: none"),
    BOOL("outbox.allow_private", "no", "allow webhooks to private and loopback addresses"),
    TEXT("log.level", "info", "error, warn, info or debug"),
};

const int daemon_setting_count = sizeof daemon_settings / sizeof daemon_settings[0];
