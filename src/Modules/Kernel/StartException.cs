namespace Notify.Kernel;

/// <summary>Notify cannot start. The process prints the message, which is for the operator and contains no secret, and exits with 1.</summary>
public sealed class StartException : Exception
{
    public StartException() { }

    public StartException(string message) : base(message) { }

    public StartException(string message, Exception? innerException) : base(message, innerException) { }
}
