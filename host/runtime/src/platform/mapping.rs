//! A part of a file in memory, and compiled code that runs where it is mapped.
//!
//! Only where all of it was seen to work: Linux on x86-64. Elsewhere a part of a file is read, and code is copied.

#![cfg_attr(all(target_os = "linux", target_arch = "x86_64"), allow(unsafe_code))]

pub(crate) use imp::{Mapping, run_where_mapped};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod imp {
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mprotect, munmap};
    use std::ffi::c_void;
    use std::fs::File;
    use std::io;
    use std::ptr::NonNull;
    use std::sync::Arc;

    const PAGE: usize = 4096;

    /// Read-only and private; gone when it is dropped.
    pub(crate) struct Mapping {
        base: NonNull<c_void>,
        /// Bytes mapped, from a page's beginning.
        mapped: usize,
        /// Bytes of the first page before ours.
        skip: usize,
        len: usize,
    }

    // SAFETY: nobody writes to the memory, so threads may read it side by side; the pages belong to the process.
    unsafe impl Send for Mapping {}
    // SAFETY: as above.
    unsafe impl Sync for Mapping {}

    impl Mapping {
        pub(crate) fn new(file: &File, offset: u64, len: u64) -> io::Result<Self> {
            let end =
                offset.checked_add(len).filter(|end| file.metadata().is_ok_and(|about| *end <= about.len()));
            let len = usize::try_from(len).map_err(io::Error::other)?;
            if end.is_none() || len == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the part is empty or beyond the file's end",
                ));
            }
            let skip = usize::try_from(offset % PAGE as u64).map_err(io::Error::other)?;
            let mapped = skip + len;
            // SAFETY: a new mapping at an address of the kernel's choice, of a file that is open.
            let base = unsafe {
                mmap(
                    std::ptr::null_mut(),
                    mapped,
                    ProtFlags::READ,
                    MapFlags::PRIVATE,
                    file,
                    offset - skip as u64,
                )
            }?;
            match NonNull::new(base) {
                Some(base) => Ok(Self { base, mapped, skip, len }),
                None => Err(io::Error::other("the kernel mapped nothing")),
            }
        }

        pub(crate) fn bytes(&self) -> &[u8] {
            // SAFETY: `skip + len` bytes from `base` are mapped and readable until `self` is dropped.
            unsafe { std::slice::from_raw_parts(self.base.as_ptr().cast::<u8>().add(self.skip), self.len) }
        }

        /// The bytes, if a page begins with them.
        pub(crate) fn pages(&self) -> Option<NonNull<[u8]>> {
            (self.skip == 0).then(|| NonNull::slice_from_raw_parts(self.base.cast(), self.len))
        }
    }

    impl Drop for Mapping {
        fn drop(&mut self) {
            // SAFETY: mapped by `new`, and nobody has a reference into it any more. It fails only for a wrong range.
            let _ = unsafe { munmap(self.base.as_ptr(), self.mapped) };
        }
    }

    /// Lets wasmtime run code in memory that it did not allocate.
    struct InPlace;

    impl InPlace {
        fn protect(ptr: *const u8, len: usize, flags: MprotectFlags) -> wasmtime::Result<()> {
            // SAFETY: wasmtime hands over the text of a component that it owns or that `Engine::trusted` gave it, with a
            // page's beginning; the rest of the last page is padding of the same image.
            unsafe { mprotect(ptr.cast_mut().cast(), len.next_multiple_of(PAGE), flags) }
                .map_err(|error| wasmtime::Error::msg(format!("cannot make code executable: {error}")))
        }
    }

    impl wasmtime::CustomCodeMemory for InPlace {
        fn required_alignment(&self) -> usize {
            PAGE
        }

        fn publish_executable(&self, ptr: *const u8, len: usize) -> wasmtime::Result<()> {
            Self::protect(ptr, len, MprotectFlags::READ | MprotectFlags::EXEC)
        }

        fn unpublish_executable(&self, ptr: *const u8, len: usize) -> wasmtime::Result<()> {
            Self::protect(ptr, len, MprotectFlags::READ | MprotectFlags::WRITE)
        }
    }

    /// Sets an engine up to run code where it is mapped.
    pub(crate) fn run_where_mapped(config: &mut wasmtime::Config) {
        config.with_custom_code_memory(Some(Arc::new(InPlace)));
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod imp {
    use std::fs::File;
    use std::io::{self, Read as _, Seek as _, SeekFrom};
    use std::ptr::NonNull;

    pub(crate) struct Mapping(Vec<u8>);

    impl Mapping {
        pub(crate) fn new(file: &File, offset: u64, len: u64) -> io::Result<Self> {
            let mut file = file.try_clone()?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
            file.read_exact(&mut bytes)?;
            Ok(Self(bytes))
        }

        pub(crate) fn bytes(&self) -> &[u8] {
            &self.0
        }

        pub(crate) fn pages(&self) -> Option<NonNull<[u8]>> {
            None
        }
    }

    pub(crate) fn run_where_mapped(_: &mut wasmtime::Config) {}
}
