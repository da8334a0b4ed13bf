// Package backup copies a site and its warehouse to another place, whole or not
// at all, and puts such a copy back into an empty folder. It knows which files
// belong to a backup and nothing of what is in them; its caller holds the lock
// of the warehouse. It imports internal/site, internal/durable and a compressor.
//
// A backup is a folder named by its time, or one archive .tar.zst. Both hold
// site/, warehouse/ and manifest.json, which names every file with its size and
// SHA-256. What never changes once it is there (received files, objects of the
// store, finished releases) is linked from the backup before, where the target
// can link.
package backup
