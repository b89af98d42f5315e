# What changes most often, laid over the rest, so that only this is made anew: the bytecode of our programs that will be
# laid into the tools folder of many boxes. Only where the laid text is the one that was compiled is its bytecode taken,
# so what stands here decides nothing.
#
# PARTS is the image that `Dockerfile` makes; the build context also holds `programs`.
ARG PARTS
FROM ${PARTS} AS compiled
ARG BUILD=by-hand
LABEL mendbox="build" mendbox.build="${BUILD}"
USER 0
COPY programs /box/tools
RUN PYTHONPYCACHEPREFIX=/opt/mendbox/pyc /usr/bin/python3.13 -m compileall -q --invalidation-mode checked-hash /box/tools

FROM ${PARTS}
COPY --from=compiled /opt/mendbox/pyc/box /opt/mendbox/pyc/box
