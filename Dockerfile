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
HEALTHCHECK --interval=10s --timeout=3s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.IONWORKS_MOCK_PORT || 4669}/_mock/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
