/** A file that came with a request. */
export interface UploadedFile {
  name: string
  type: string
  bytes: Buffer
}

/** A file the fake keeps. */
export interface StoredFile extends UploadedFile {
  id: string
  uniqueId: string
  path: string
}

/** Files by id and by download path. */
export interface FileStore {
  add(file: UploadedFile, folder: string): StoredFile
  byId(id: string): StoredFile | undefined
  byPath(path: string): StoredFile | undefined
}

const KEPT_BYTES = 256 * 1024 * 1024

/** Creates an empty store; the oldest files go first above the cap or above 256 MB. */
export function createFileStore(cap: number): FileStore {
  const files = new Map<string, StoredFile>()
  let count = 0
  let bytes = 0
  return {
    add: (file, folder) => {
      count += 1
      const extension = /\.[A-Za-z0-9]+$/.exec(file.name)?.[0] ?? ''
      const stored: StoredFile = {
        ...file,
        id: `fake-file-${count}`,
        uniqueId: `fake-unique-${count}`,
        path: `${folder}/file_${count}${extension}`,
      }
      files.set(stored.id, stored)
      bytes += stored.bytes.length
      for (const old of files.values()) {
        if (files.size <= 1 || (files.size <= cap && bytes <= KEPT_BYTES)) break
        files.delete(old.id)
        bytes -= old.bytes.length
      }
      return stored
    },
    byId: (id) => files.get(id),
    byPath: (path) => [...files.values()].find((file) => file.path === path),
  }
}
