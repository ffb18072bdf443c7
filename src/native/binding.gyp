{
  "targets": [
    {
      "target_name": "wwand",
      "sources": [
        "addon.c", "address.c", "args.c", "errors.c", "files.c", "io.c", "netns.c", "options.c", "poll.c", "receive.c", "sockets.c",
        "tty.c", "tun.c",
      ],
      "defines": ["_GNU_SOURCE", "_FILE_OFFSET_BITS=64"],
      "cflags_c": ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O2"],
      "ldflags": ["-Wl,-z,relro,-z,now"],
      "libraries": ["-lm"],
    }
  ]
}
