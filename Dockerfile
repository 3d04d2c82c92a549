ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.js scripts/declarations.js scripts/
COPY fixtures fixtures
COPY src src
RUN npm run build

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    IONWORKS_MOCK_HOST=0.0.0.0 \
    IONWORKS_MOCK_FIXTURES=/fixtures
WORKDIR /app
# The bundles contain all packages, so this image has no node_modules.
COPY --from=build /app/dist/cli.js /app/dist/core.cjs /app/dist/LICENSES.txt dist/
COPY --from=build /app/dist/vendor dist/vendor
COPY package.json LICENSE ./
# The default fixtures. A folder that is mounted at /fixtures replaces them.
COPY fixtures /fixtures
USER 1000:1000
EXPOSE 4669
# Until the first check succeeds, a check runs every half second. --start-interval needs Docker 25 or newer.
HEALTHCHECK --interval=10s --timeout=3s --retries=3 --start-period=30s --start-interval=500ms \
  CMD ["node", "/app/dist/cli.js", "healthcheck"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
