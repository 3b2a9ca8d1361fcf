using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Notify.Kernel.Http;

/// <summary>Reads a file sent as form data, as browsers do.</summary>
public static class UploadedFile
{
    public const int MaxBytes = 5 * 1024 * 1024;

    /// <summary>The only file of a request, of at most 5 MiB, in the part named <c>file</c>.</summary>
    /// <exception cref="ProblemException">415: not form data; 413: too large; 400: there is no file.</exception>
    public static async Task<IFormFile> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType || !request.ContentType!.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(415, "Unsupported media type.", "Send the file as multipart/form-data, in the part named file.");
        if (request.ContentLength > MaxBytes + 64 * 1024) throw TooLarge();
        try
        {
            var form = await request.ReadFormAsync(new FormOptions
            {
                MultipartBodyLengthLimit = MaxBytes,
                ValueCountLimit = 16,
                MemoryBufferThreshold = MaxBytes
            }, cancellation);
            if (form.Files is not [{ Name: "file" } file]) throw ProblemException.Invalid("file", "Send one file, in the part named file.");
            return file;
        }
        catch (InvalidDataException e) when (e.Message.Contains("length limit", StringComparison.OrdinalIgnoreCase))
        {
            throw TooLarge();
        }
        catch (Exception e) when (e is InvalidDataException
            || (e is IOException && !request.HttpContext.RequestAborted.IsCancellationRequested && e is not BadHttpRequestException))
        {
            throw ProblemException.Invalid("", "The body is not a well-formed multipart/form-data.");
        }
    }

    private static ProblemException TooLarge() => new(413, "Too large.", "The file may have at most 5 MiB.");
}
