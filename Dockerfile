# Notify without a database: set ConnectionStrings__Notify. /data holds the keys and must outlive the container (docs/guides/install.md).
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK} AS build
WORKDIR /source
COPY . .
RUN build/build.sh

FROM ${RUNTIME}
COPY --from=build /source/artifacts/notify /app
# By number, so that it is nobody's account on the host; nothing but its keys is its own.
RUN install -d -o 1654 -g 1654 -m 0700 /data
USER 1654:1654
ENV ASPNETCORE_URLS=http://0.0.0.0:8066 Notify__DataDirectory=/data HOME=/tmp
VOLUME /data
EXPOSE 8066
# The image has no curl. Whether an alarm accepted now would be stored: the first start also makes the schema.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8066 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "/app/Notify.Host.dll"]
