using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What somebody outside gets from a host, as files for the verifiers.</summary>
internal sealed class ExportedFiles(NotifyHost host) : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("notify-exported-");
    private bool isExported;

    /// <param name="address">Below <c>/api/v1/</c>; <c>receipt</c>: that of a notification which is made for it.</param>
    public async Task<string> FileAsync(string address)
    {
        if (address == "receipt")
        {
            await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", level = "Critical" } } });
            var sent = await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count > 0);
            address = $"notifications/{sent["items"]![0]!["id"]}/receipt";
        }

        var extension = address.Contains("csv", StringComparison.Ordinal) ? "csv" : address.Contains("/proof/", StringComparison.Ordinal) ? "json" : "ndjson";
        var path = Path.Combine(directory.FullName, $"{Guid.NewGuid():N}.{extension}");
        await File.WriteAllBytesAsync(path, await host.Client.GetByteArrayAsync(new Uri($"/api/v1/{address}", UriKind.Relative)));
        return path;
    }

    /// <summary>The filter of an export that holds what was forged since an instant: what was forged first on a host is looked for in everything,
    /// what came later in everything since.</summary>
    public string Since(DateTimeOffset start)
    {
        if (isExported) return $"from={Uri.EscapeDataString(start.ToString("O"))}";
        isExported = true;
        return "";
    }

    public void Dispose() => directory.Delete(recursive: true);
}
